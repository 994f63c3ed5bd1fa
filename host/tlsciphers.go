package host

import (
	"crypto/tls"
	"errors"
	"slices"
	"strings"
)

// cipher is one of the cipher suites of TLS up to 1.2 that Go has, by OpenSSL's name. What else the list syntax of
// OpenSSL can select by is in the words.
type cipher struct {
	id    uint16
	name  string
	words string
}

var ciphers = []cipher{
	{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "ECDHE-ECDSA-AES256-GCM-SHA384", "HIGH kECDHE ECDHE EECDH aECDSA ECDSA AES AES256 AESGCM SHA384 TLSv1.2"},
	{tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "ECDHE-RSA-AES256-GCM-SHA384", "HIGH kECDHE ECDHE EECDH aRSA AES AES256 AESGCM SHA384 TLSv1.2"},
	{tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-ECDSA-CHACHA20-POLY1305", "HIGH kECDHE ECDHE EECDH aECDSA ECDSA CHACHA20 TLSv1.2"},
	{tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-RSA-CHACHA20-POLY1305", "HIGH kECDHE ECDHE EECDH aRSA CHACHA20 TLSv1.2"},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "ECDHE-ECDSA-AES128-GCM-SHA256", "HIGH kECDHE ECDHE EECDH aECDSA ECDSA AES AES128 AESGCM SHA256 TLSv1.2"},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "ECDHE-RSA-AES128-GCM-SHA256", "HIGH kECDHE ECDHE EECDH aRSA AES AES128 AESGCM SHA256 TLSv1.2"},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, "ECDHE-ECDSA-AES128-SHA256", "HIGH kECDHE ECDHE EECDH aECDSA ECDSA AES AES128 SHA256 TLSv1.2"},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, "ECDHE-RSA-AES128-SHA256", "HIGH kECDHE ECDHE EECDH aRSA AES AES128 SHA256 TLSv1.2"},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, "ECDHE-ECDSA-AES256-SHA", "HIGH kECDHE ECDHE EECDH aECDSA ECDSA AES AES256 SHA SHA1 TLSv1"},
	{tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, "ECDHE-RSA-AES256-SHA", "HIGH kECDHE ECDHE EECDH aRSA AES AES256 SHA SHA1 TLSv1"},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, "ECDHE-ECDSA-AES128-SHA", "HIGH kECDHE ECDHE EECDH aECDSA ECDSA AES AES128 SHA SHA1 TLSv1"},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, "ECDHE-RSA-AES128-SHA", "HIGH kECDHE ECDHE EECDH aRSA AES AES128 SHA SHA1 TLSv1"},
	{tls.TLS_RSA_WITH_AES_256_GCM_SHA384, "AES256-GCM-SHA384", "HIGH kRSA RSA aRSA AES AES256 AESGCM SHA384 TLSv1.2"},
	{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, "AES128-GCM-SHA256", "HIGH kRSA RSA aRSA AES AES128 AESGCM SHA256 TLSv1.2"},
	{tls.TLS_RSA_WITH_AES_128_CBC_SHA256, "AES128-SHA256", "HIGH kRSA RSA aRSA AES AES128 SHA256 TLSv1.2"},
	{tls.TLS_RSA_WITH_AES_256_CBC_SHA, "AES256-SHA", "HIGH kRSA RSA aRSA AES AES256 SHA SHA1 SSLv3"},
	{tls.TLS_RSA_WITH_AES_128_CBC_SHA, "AES128-SHA", "HIGH kRSA RSA aRSA AES AES128 SHA SHA1 SSLv3"},
}

// matches reports whether a word, or words joined by `+`, of a cipher list selects the cipher.
func (c *cipher) matches(word string) bool {
	if word == c.name || word == "ALL" || word == "DEFAULT" {
		return true
	}
	have := strings.Fields(c.words)
	for _, w := range strings.Split(word, "+") {
		if !slices.Contains(have, w) {
			return false
		}
	}
	return true
}

// silentWords are words that rightly select none of the ciphers that there are here.
var silentWords = strings.Fields("MEDIUM LOW EXP EXPORT aNULL eNULL NULL MD5 RC4 DES 3DES PSK SRP DSS aDSS kDHE DHE EDH ADH AECDH CAMELLIA " +
	"SEED IDEA ARIA SSLv2 SHA256 kPSK kSRP aPSK kECDHEPSK kDHEPSK kRSAPSK AESCCM AESCCM8 COMPLEMENTOFDEFAULT COMPLEMENTOFALL CBC")

// parseCiphers reads a cipher list as OpenSSL writes it (tls-ciphers): names and keywords, with `!`, `-` and `+`, and commands with `@`. Empty is
// Go's choice. unknown are the words that mean nothing here.
func parseCiphers(list string) (ids []uint16, unknown []string, err error) {
	if list == "" {
		return nil, nil, nil
	}
	killed := map[uint16]bool{}
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return r == ':' || r == ',' || r == ' ' || r == ';' }) {
		if word[0] == '@' {
			continue
		}
		op := byte(0)
		if strings.IndexByte("!-+", word[0]) >= 0 {
			op, word = word[0], word[1:]
		}
		hit := slices.Contains(silentWords, word)
		for i := range ciphers {
			c := &ciphers[i]
			if !c.matches(word) {
				continue
			}
			hit = true
			have := slices.Index(ids, c.id)
			switch {
			case op == 0 && have < 0 && !killed[c.id]:
				ids = append(ids, c.id)
			case (op == '!' || op == '-' || op == '+') && have >= 0:
				ids = slices.Delete(ids, have, have+1)
				if op == '+' {
					ids = append(ids, c.id)
				}
			}
			if op == '!' {
				killed[c.id] = true
			}
		}
		if !hit {
			unknown = append(unknown, word)
		}
	}
	if len(ids) == 0 {
		return nil, nil, errors.New("Failed to configure ciphers: " + list)
	}
	return ids, unknown, nil
}

// suites13 are the cipher suites of TLS 1.3; Go has those marked, always and in its own order.
var suites13 = map[string]bool{
	"TLS_AES_128_GCM_SHA256": true, "TLS_AES_256_GCM_SHA384": true, "TLS_CHACHA20_POLY1305_SHA256": true,
	"TLS_AES_128_CCM_SHA256": false, "TLS_AES_128_CCM_8_SHA256": false,
}

// parseCiphersuites judges tls-ciphersuites. What it asks for and cannot have is returned: suites that Go lacks, and those that
// it would leave out and Go does not.
func parseCiphersuites(list string) (passedOver []string, err error) {
	if list == "" {
		return nil, nil
	}
	named := map[string]bool{}
	for _, n := range strings.Split(list, ":") {
		have, ok := suites13[n]
		if !ok {
			return nil, errors.New("Failed to configure ciphersuites: " + list)
		}
		named[n] = true
		if !have {
			passedOver = append(passedOver, n)
		}
	}
	for n, have := range suites13 {
		if have && !named[n] {
			passedOver = append(passedOver, "!"+n)
		}
	}
	slices.Sort(passedOver)
	return passedOver, nil
}
