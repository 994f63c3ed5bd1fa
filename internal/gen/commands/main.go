package main

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"log"
	"net"
	"path/filepath"
	"slices"
	"strings"

	"berth/internal/resptree"
)

// conn is a connection to the server that is read.
type conn struct {
	c net.Conn
	r *bufio.Reader
}

func dial(addr, proto string) (*conn, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &conn{c: c, r: bufio.NewReader(c)}
	n, err := s.do("HELLO", proto)
	if err == nil && n.Kind == '-' {
		err = fmt.Errorf("HELLO: %s", n.Text)
	}
	return s, err
}

func (s *conn) do(args ...string) (resptree.Node, error) {
	req := resptree.Node{Kind: '*'}
	for _, a := range args {
		req.Elems = append(req.Elems, resptree.Node{Kind: '$', Text: a})
	}
	if _, err := s.c.Write(resptree.Append(nil, req)); err != nil {
		return resptree.Node{}, err
	}
	return resptree.Read(s.r)
}

// cmd is one command or subcommand with what both replies say of it.
type cmd struct {
	full string // "config|get"
	info resptree.Node
	docs resptree.Node
}

func (c *cmd) parent() (string, bool) {
	p, _, ok := strings.Cut(c.full, "|")
	return p, ok
}

// The elements of a COMMAND reply.
const (
	infoName = iota
	infoArity
	infoFlags
	infoFirst
	infoLast
	infoStep
	infoCategories
	infoTips
	infoSpecs
	infoSubs
)

// readAll returns the native commands and subcommands by name.
func readAll(s *conn) ([]*cmd, error) {
	info, err := s.do("COMMAND")
	if err != nil {
		return nil, err
	}
	docs, err := s.do("COMMAND", "DOCS")
	if err != nil {
		return nil, err
	}
	var all []*cmd
	var walk func(i, d resptree.Node)
	walk = func(i, d resptree.Node) {
		all = append(all, &cmd{full: i.Elems[infoName].Text, info: i, docs: d})
		subdocs, _ := d.Get("subcommands")
		for _, sub := range i.Elems[infoSubs].Elems {
			sd, ok := subdocs.Get(sub.Elems[infoName].Text)
			if !ok {
				log.Fatalf("no docs of %s", sub.Elems[infoName].Text)
			}
			walk(sub, sd)
		}
	}
	for _, i := range info.Elems {
		if slices.Contains(i.Elems[infoFlags].Strings(), "module") {
			continue
		}
		d, ok := docs.Get(i.Elems[infoName].Text)
		if !ok {
			log.Fatalf("no docs of %s", i.Elems[infoName].Text)
		}
		walk(i, d)
	}
	slices.SortFunc(all, func(a, b *cmd) int { return cmp.Compare(a.full, b.full) })
	return all, nil
}

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:6379", "address of a redis-server 8.0.2")
	out := flag.String("out", "host/command", "directory of package command")
	flag.Parse()

	s3, err := dial(*addr, "3")
	if err != nil {
		log.Fatal(err)
	}
	s2, err := dial(*addr, "2")
	if err != nil {
		log.Fatal(err)
	}
	all, err := readAll(s3)
	if err != nil {
		log.Fatal(err)
	}
	if err := writeRows(*out, all); err != nil {
		log.Fatal(err)
	}
	if err := writeHelp(*out, s3, all); err != nil {
		log.Fatal(err)
	}
	if err := writeGolden(filepath.Join(*out, "testdata", "golden.json.gz"), s2, s3, all); err != nil {
		log.Fatal(err)
	}
}
