package host_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"berth/host"
)

// A server inside of the program, without modules, and without a socket.
func Example() {
	srv, err := host.New(host.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	go srv.Serve()
	defer srv.Close()

	client := redis.NewClient(&redis.Options{
		Dialer: func(context.Context, string, string) (net.Conn, error) { return srv.Dial() },
	})
	defer client.Close()
	ctx := context.Background()
	client.HSet(ctx, "user:1", "name", "Ada")
	name, err := client.HGet(ctx, "user:1", "name").Result()
	fmt.Println(name, err)
	// Output: Ada <nil>
}

// What is done on the loop sees the data set as a command does.
func ExampleServer_Do() {
	srv, err := host.New(host.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	go srv.Serve()
	defer srv.Close()

	conn, err := srv.Dial()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	fmt.Fprint(conn, "SET key value\r\n")
	reply, err := bufio.NewReader(conn).ReadString('\n')
	fmt.Printf("%q %v\n", reply, err)
	srv.Do(func() { fmt.Println(srv.Keyspace().DB(0).Len(), "key") })
	// Output:
	// "+OK\r\n" <nil>
	// 1 key
}

func TestLoadModuleWithoutRuntime(t *testing.T) {
	srv, err := host.New(host.Options{})
	require.NoError(t, err)
	require.ErrorIs(t, srv.LoadModule("x.so"), host.ErrNoModules)
	require.NoError(t, srv.Close())
	require.ErrorIs(t, srv.Serve(), host.ErrClosed)
}
