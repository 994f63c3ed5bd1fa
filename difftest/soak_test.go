package difftest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A soak runs for a moment in the ordinary test run; for real it is
//
//	go test ./difftest -run TestSoakRediSearch -soak 1h -timeout 2h
//	go test ./difftest -run TestSoakFalkorDB -soak 10m -timeout 1h
var soakFlag = flag.Duration("soak", 3*time.Second, "how long the soak tests run")

// soaker is one connection of a soak, with what it knows that the server has to answer. Its keys are its own.
type soaker struct {
	*Conn
	n     int
	r     *rand.Rand
	count *atomic.Int64
}

// do sends a command and wants a reply that is no error.
func (s *soaker) do(args ...string) (string, error) {
	reply, err := s.Do(args...)
	if err != nil {
		return "", fmt.Errorf("%q: %w", args, err)
	}
	s.count.Add(1)
	if reply[0] == '-' {
		return "", fmt.Errorf("%q: %s", args, reply)
	}
	return string(reply), nil
}

// want sends a command whose raw reply is known.
func (s *soaker) want(reply string, args ...string) error {
	got, err := s.do(args...)
	if err == nil && got != reply {
		err = fmt.Errorf("%q: got %q, want %q", args, got, reply)
	}
	return err
}

// soak runs workers on connections of their own until the time is over or one of them finds a wrong reply.
func soak(t *testing.T, server *Server, workers int, step func(*soaker) error) {
	end := time.Now().Add(*soakFlag)
	var failed atomic.Bool
	var count atomic.Int64
	var wg sync.WaitGroup
	for n := range workers {
		wg.Go(func() {
			c, err := Dial(server.Addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			c.Timeout = 60 * time.Second
			s := &soaker{Conn: c, n: n, r: rand.New(rand.NewPCG(uint64(n), 1)), count: &count}
			for time.Now().Before(end) && !failed.Load() {
				if err := step(s); err != nil {
					failed.Store(true)
					t.Errorf("connection %d: %v", n, err)
					return
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d commands in %v", count.Load(), *soakFlag)
}

// plainStep does what has nothing to do with a module: it goes on beside the module's threads.
func plainStep(s *soaker, model map[string]int) error {
	key := fmt.Sprintf("plain:%d:%d", s.n, s.r.IntN(100))
	if s.r.IntN(10) == 0 {
		n := 0
		if _, ok := model[key]; ok {
			n = 1
		}
		delete(model, key)
		return s.want(fmt.Sprintf(":%d\r\n", n), "DEL", key)
	}
	model[key]++
	if err := s.want(fmt.Sprintf(":%d\r\n", model[key]), "INCR", key); err != nil {
		return err
	}
	v := strconv.Itoa(model[key])
	return s.want(fmt.Sprintf("$%d\r\n%s\r\n", len(v), v), "GET", key)
}

var soakWords = strings.Fields("anchor ballast compass deck ebb fathom galley harbour island jetty keel lantern mast")

// TestSoakRediSearch has connections index, search and delete documents of their own while RediSearch's collector
// cleans up behind them in its thread, beside ordinary commands. Every reply is known in advance.
func TestSoakRediSearch(t *testing.T) {
	_, bin := subject(t, "8.0")
	if bin == "" {
		bin = oracle(t, "8.0")
	}
	server := StartT(t, "berth", bin, "--save", "", "--loadmodule", filepath.Join(OracleDir(), "redisearch.so"), "GC_POLICY", "LEGACY",
		"SAFEMODE", "FORK_GC_RUN_INTERVAL", "1")
	models := make([]map[string]map[string]bool, 8) // word: documents that have it
	plain := make([]map[string]int, 8)
	docs := make([]map[string][]string, 8)
	soak(t, server, 8, func(s *soaker) error {
		index := fmt.Sprintf("idx%d", s.n)
		if models[s.n] == nil {
			models[s.n], docs[s.n], plain[s.n] = map[string]map[string]bool{}, map[string][]string{}, map[string]int{}
			for _, w := range soakWords {
				models[s.n][w] = map[string]bool{}
			}
			if s.n < 6 {
				return s.want("+OK\r\n", "FT.CREATE", index, "SCHEMA", "body", "TEXT", "NOSTEM", "n", "NUMERIC", "SORTABLE")
			}
		}
		if s.n >= 6 {
			return plainStep(s, plain[s.n])
		}
		model, have := models[s.n], docs[s.n]
		doc := fmt.Sprintf("doc:%d:%d", s.n, s.r.IntN(200))
		forget := func() {
			for _, w := range have[doc] {
				delete(model[w], doc)
			}
			delete(have, doc)
		}
		switch s.r.IntN(10) {
		case 0, 1, 2, 3:
			var words []string
			for range 1 + s.r.IntN(4) {
				words = append(words, soakWords[s.r.IntN(len(soakWords))])
			}
			forget()
			for _, w := range words {
				model[w][doc] = true
			}
			have[doc] = words
			return s.want("+OK\r\n", "FT.ADD", index, doc, "1.0", "REPLACE", "FIELDS", "body", strings.Join(words, " "), "n", strconv.Itoa(s.r.IntN(1000)))
		case 4:
			n := 0
			if have[doc] != nil {
				n = 1
			}
			forget()
			return s.want(fmt.Sprintf(":%d\r\n", n), "FT.DEL", index, doc, "DD")
		default:
			word := soakWords[s.r.IntN(len(soakWords))]
			reply, err := s.do("FT.SEARCH", index, word, "NOCONTENT", "LIMIT", "0", "1000")
			if err != nil {
				return err
			}
			var want []string
			for d := range model[word] {
				want = append(want, d)
			}
			got := bulks(reply)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				return fmt.Errorf("FT.SEARCH %s %s: got %v, want %v", index, word, got, want)
			}
			return nil
		}
	})
}

// bulks are the bulk strings of a flat reply.
func bulks(reply string) (list []string) {
	lines := strings.Split(reply, "\r\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "$") && i+1 < len(lines) {
			list = append(list, lines[i+1])
		}
	}
	return list
}

// TestSoakFalkorDB loads FalkorDB's pool of threads from 20 connections: each has a graph of its own, whose counts it
// knows, and all read one that a single one of them writes. At the end everything is deleted, and the module is asked
// to go, which it may not as long as it has a type.
func TestSoakFalkorDB(t *testing.T) {
	_, bin := subject(t, "8.2")
	if bin == "" {
		bin = oracle(t, "8.2")
	}
	so := filepath.Join(OracleDir(), "falkordb.so")
	if _, err := os.Stat(so); err != nil {
		t.Skipf("FalkorDB is not on this machine: %v", err)
	}
	const workers = 20
	server := StartT(t, "berth", bin, "--save", "", "--loadmodule", so)
	nodes, edges, plain := [workers]int{}, [workers]int{}, [workers]map[string]int{}
	var written atomic.Int64 // nodes of the shared graph that are acknowledged
	count := func(s *soaker, graph, query string) (int, error) {
		reply, err := s.do("GRAPH.RO_QUERY", graph, query)
		if err != nil {
			return 0, err
		}
		// header, rows, statistics: the row is the first integer behind the header.
		at := strings.Index(reply, "*1\r\n*1\r\n:")
		if at < 0 {
			return 0, fmt.Errorf("%s: no count in %q", query, reply)
		}
		var n int
		_, err = fmt.Sscanf(reply[at+len("*1\r\n*1\r\n:"):], "%d", &n)
		return n, err
	}
	soak(t, server, workers, func(s *soaker) error {
		graph := fmt.Sprintf("g%d", s.n)
		if plain[s.n] == nil {
			plain[s.n] = map[string]int{}
			if _, err := s.do("GRAPH.QUERY", graph, "CREATE (:N {v:0})"); err != nil {
				return err
			}
			nodes[s.n] = 1
			_, err := s.do("GRAPH.QUERY", "shared", "RETURN 1")
			return err
		}
		switch s.r.IntN(8) {
		case 0, 1:
			n := 1 + s.r.IntN(20)
			nodes[s.n] += n
			_, err := s.do("GRAPH.QUERY", graph, fmt.Sprintf("UNWIND range(1,%d) AS x CREATE (:N {v:x})", n))
			return err
		case 2:
			edges[s.n]++
			_, err := s.do("GRAPH.QUERY", graph, "MATCH (a:N) WITH a LIMIT 1 CREATE (a)-[:E]->(:M {w:1})")
			return err
		case 3:
			got, err := count(s, graph, "MATCH (n:N) RETURN count(n)")
			if err == nil && got != nodes[s.n] {
				err = fmt.Errorf("%s has %d nodes, want %d", graph, got, nodes[s.n])
			}
			return err
		case 4:
			got, err := count(s, graph, "MATCH (:N)-[e:E]->(:M) RETURN count(e)")
			if err == nil && got != edges[s.n] {
				err = fmt.Errorf("%s has %d edges, want %d", graph, got, edges[s.n])
			}
			return err
		case 5:
			if nodes[s.n]+edges[s.n] > 3000 {
				nodes[s.n], edges[s.n] = 1, 0
				if err := s.want("+OK\r\n", "GRAPH.DELETE", graph); err != nil && !strings.Contains(err.Error(), "Graph removed") {
					return err
				}
				_, err := s.do("GRAPH.QUERY", graph, "CREATE (:N {v:0})")
				return err
			}
			return plainStep(s, plain[s.n])
		case 6:
			if s.n == 0 {
				_, err := s.do("GRAPH.QUERY", "shared", "CREATE (:S)")
				written.Add(1)
				return err
			}
			before := written.Load()
			got, err := count(s, "shared", "MATCH (s:S) RETURN count(s)")
			if err == nil && int64(got) < before {
				err = fmt.Errorf("shared has %d nodes, %d were acknowledged before", got, before)
			}
			return err
		default:
			return plainStep(s, plain[s.n])
		}
	})
	c, err := Dial(server.Addr)
	require.NoError(t, err)
	defer c.Close()
	for n := range workers {
		_, err := c.Do("GRAPH.DELETE", fmt.Sprintf("g%d", n))
		require.NoError(t, err)
	}
	_, err = c.Do("GRAPH.DELETE", "shared")
	require.NoError(t, err)
	reply, err := c.Do("GRAPH.LIST")
	require.NoError(t, err)
	require.Equal(t, "*0\r\n", string(reply))
	reply, err = c.Do("MODULE", "UNLOAD", "graph")
	require.NoError(t, err)
	require.Equal(t, "-ERR Error unloading module: the module exports one or more module-side data types, can't unload\r\n", string(reply))
	reply, err = c.Do("PING")
	require.NoError(t, err)
	require.Equal(t, "+PONG\r\n", string(reply))
}
