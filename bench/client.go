package main

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/resp"
)

// client is a connection for setting up and looking; the load comes from redis-benchmark.
type client struct {
	conn    net.Conn
	r       *resp.Reader
	w       *bufio.Writer
	pending int
}

func dial(addr string) (*client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, r: resp.NewReader(bufio.NewReaderSize(conn, 64<<10)), w: bufio.NewWriterSize(conn, 64<<10)}, nil
}

func (c *client) close() { _ = c.conn.Close() }

// do runs one command; an error reply is an error.
func (c *client) do(args ...string) (resp.Value, error) {
	if err := c.send(args...); err != nil {
		return resp.Value{}, err
	}
	if err := c.w.Flush(); err != nil {
		return resp.Value{}, err
	}
	c.pending--
	return c.read(args[0])
}

func (c *client) send(args ...string) error {
	c.pending++
	values := make([]resp.Value, len(args))
	for i, a := range args {
		values[i] = resp.StringValue(a)
	}
	b, err := resp.ArrayValue(values).MarshalRESP()
	if err != nil {
		return err
	}
	_, err = c.w.Write(b)
	return err
}

func (c *client) read(what string) (resp.Value, error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		return resp.Value{}, err
	}
	v, _, err := c.r.ReadValue()
	if err != nil {
		return v, err
	}
	if err := v.Error(); err != nil {
		return v, fmt.Errorf("%s: %w", what, err)
	}
	return v, nil
}

// pipelineDepth is how many commands of a load are under way at once.
const pipelineDepth = 100

// pipe sends a command of a load; flush must follow the last one.
func (c *client) pipe(args ...string) error {
	if err := c.send(args...); err != nil {
		return err
	}
	if c.pending >= pipelineDepth {
		return c.flush()
	}
	return nil
}

func (c *client) flush() error {
	if err := c.w.Flush(); err != nil {
		return err
	}
	for ; c.pending > 0; c.pending-- {
		if _, err := c.read("loading"); err != nil {
			return err
		}
	}
	return nil
}

// info is one number of INFO.
func (c *client) info(section, field string) (int64, error) {
	v, err := c.do("INFO", section)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(v.String()) {
		if value, ok := strings.CutPrefix(line, field+":"); ok {
			return strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		}
	}
	return 0, fmt.Errorf("INFO %s has no %s", section, field)
}

// cpu is the processor time that the server has used, in microseconds.
func (c *client) cpu() (float64, error) {
	v, err := c.do("INFO", "cpu")
	if err != nil {
		return 0, err
	}
	var sum float64
	for line := range strings.Lines(v.String()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_user" || name == "used_cpu_sys" {
			seconds, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return 0, err
			}
			sum += seconds * 1e6
		}
	}
	return sum, nil
}

// empty flushes the data set and waits until its memory is back, which berth frees in the background.
func (c *client) empty() error {
	if _, err := c.do("FLUSHALL", "SYNC"); err != nil {
		return err
	}
	_, err := c.settle()
	return err
}

// settle waits until used_memory stays as it is, and returns it.
func (c *client) settle() (int64, error) {
	last := int64(-1)
	for range 100 {
		used, err := c.info("memory", "used_memory")
		if err != nil {
			return 0, err
		}
		if d := used - last; last >= 0 && d < 1024 && d > -1024 {
			return used, nil
		}
		last = used
		time.Sleep(30 * time.Millisecond)
	}
	return last, nil
}
