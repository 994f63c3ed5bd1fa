package acl

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"berth/host/command"
	"berth/host/commands"
)

func newUsers(t *testing.T) (*Users, *command.Table) {
	t.Helper()
	table := command.NewTable()
	commands.Register(table)
	return New(table), table
}

func argv(line string) [][]byte {
	var out [][]byte
	for _, w := range strings.Fields(line) {
		out = append(out, []byte(w))
	}
	return out
}

func check(u *User, t *command.Table, line string) Denial {
	args := argv(line)
	d, _ := u.Check(t.LookupArgs(args), args)
	return d
}

// TestDescribeAndBack: what a description says makes the same user again.
func TestDescribeAndBack(t *testing.T) {
	us, _ := newUsers(t)
	for _, rules := range []string{
		"on >p ~a %R~b %W~c &x +get -@all +@read -get (+set ~z) (%R~q &* allcommands)",
		"allkeys allchannels +@all -@dangerous -config|get",
		"nopass +select|0 +select|1 skip-sanitize-payload",
		"reset ~",
	} {
		require.NoError(t, us.Set("a", strings.Fields(rules)))
		text := us.Get([]byte("a")).Describe()
		words := strings.Fields(text)
		require.NoError(t, us.Set("b", append([]string{"reset"}, words...)), text)
		require.Equal(t, text, us.Get([]byte("b")).Describe())
		us.Delete("a")
		us.Delete("b")
	}
}

func TestRefusedRulesChangeNothing(t *testing.T) {
	us, _ := newUsers(t)
	require.NoError(t, us.Set("u", []string{"on", "+get"}))
	before := us.Get([]byte("u")).Describe()
	for rules, want := range map[string]error{
		"off +nope":        ErrUnknown,
		"off nonsense":     ErrSyntax,
		"off ~* ~a":        ErrAllKeys,
		"off &* &a":        ErrAllChannels,
		"off <p":           ErrNoPassword,
		"off #a":           ErrPasswordHash,
		"off (+nope)":      ErrUnknown,
		"off +client|id|x": ErrSubFirstArg,
		"off +object|":     ErrSyntax,
		"off (~a >pass)":   ErrSyntax,
	} {
		require.ErrorIs(t, us.Set("u", strings.Fields(rules)), want, rules)
		require.Equal(t, before, us.Get([]byte("u")).Describe())
	}
	var open *UnmatchedError
	require.True(t, errors.As(us.Set("u", []string{"off", "(+get", "~a"}), &open))
	require.Equal(t, before, us.Get([]byte("u")).Describe())
	require.Error(t, us.Set("new", []string{"nope"}))
	require.Nil(t, us.Get([]byte("new")))
}

func TestCheck(t *testing.T) {
	us, table := newUsers(t)
	require.NoError(t, us.Set("u", strings.Fields("+@all -get ~k* %R~r* %W~w* (+get ~g*)")))
	u := us.Get([]byte("u"))
	for line, want := range map[string]Denial{
		"get k":            DeniedKey, // the nearer miss is what is told
		"get g1":           Allowed,
		"set k v":          Allowed,
		"set r v":          DeniedKey,
		"set w v":          Allowed,
		"set w v get":      DeniedKey,
		"strlen w":         Allowed, // it sees no content
		"getrange w 0 1":   DeniedKey,
		"strlen r":         Allowed,
		"mget k r k2":      Allowed,
		"mget k x":         DeniedKey,
		"rename k1 w1":     Allowed,
		"rename r1 k1":     DeniedKey,
		"zunion 2 k1 x":    DeniedKey,
		"sort k store r":   DeniedKey,
		"sort k store w":   Allowed,
		"sort k":           Allowed,
		"sintercard 1 k x": Allowed,
	} {
		require.Equal(t, want, check(u, table, line), line)
	}
	require.Equal(t, Allowed, u.CheckKey([]byte("r1"), command.KeyRO|command.KeyAccess, false))
	require.Equal(t, DeniedKey, u.CheckKey([]byte("r1"), command.KeyRW|command.KeyAccess|command.KeyUpdate, false))
	require.Equal(t, Allowed, u.CheckKey([]byte("k1"), command.KeyRW|command.KeyAccess|command.KeyUpdate, true))
	require.NoError(t, u.Set(`~q\*`))
	require.Equal(t, DeniedKey, u.CheckKey([]byte("q*"), command.KeyAccess, true), "an escaped star ends the pattern")
	require.Equal(t, Allowed, (*User)(nil).CheckKey([]byte("x"), command.KeyAccess, false))
}

// TestCheckAllocatesNothing: neither for who may do everything nor, once warm, for others.
func TestCheckAllocatesNothing(t *testing.T) {
	us, table := newUsers(t)
	require.NoError(t, us.Set("u", strings.Fields("+@read ~k* (+set %W~s*)")))
	args := argv("mget k1 k2 k3")
	row := table.LookupArgs(args)
	for _, u := range []*User{us.Default(), us.Get([]byte("u"))} {
		require.Zero(t, testing.AllocsPerRun(100, func() {
			if d, _ := u.Check(row, args); d != Allowed {
				panic("denied")
			}
		}))
	}
}

func TestPasswords(t *testing.T) {
	us, _ := newUsers(t)
	u := us.NewUser("u")
	require.False(t, u.HasPassword(nil))
	require.NoError(t, u.Set(">one"))
	require.NoError(t, u.Set("#"+HashPassword([]byte("two"))))
	require.True(t, u.HasPassword([]byte("one")))
	require.True(t, u.HasPassword([]byte("two")))
	require.False(t, u.HasPassword([]byte("three")))
	require.NoError(t, u.Set("<one"))
	require.False(t, u.HasPassword([]byte("one")))
	require.NoError(t, u.Set("nopass"))
	require.True(t, u.HasPassword([]byte("whatever")))
	require.NotContains(t, u.Describe(), "#")
}

// TestModuleCategories: rules about a category reach commands that join it later, and outlive those
// that leave.
func TestModuleCategories(t *testing.T) {
	us, table := newUsers(t)
	cat, err := table.AddCategory("mine")
	require.NoError(t, err)
	require.NoError(t, us.Set("u", strings.Fields("+@mine ~*")))
	row := &command.Row{Name: "mod.get", Arity: -1, Flags: command.FlagModule, Module: 1, Handler: func(*command.Ctx) {}}
	require.True(t, table.Add(row))
	u := us.Get([]byte("u"))
	require.Equal(t, DeniedCommand, check(u, table, "mod.get x"))
	row.Categories = cat
	us.Recompute()
	require.Equal(t, Allowed, check(u, table, "mod.get x"))
	require.NoError(t, us.Set("u", []string{"+@mine", "-mod.get"}))
	require.Equal(t, "off sanitize-payload ~* resetchannels -@all +@mine -mod.get", u.Describe())
	table.Remove(row)
	us.Recompute()
	require.Equal(t, "off sanitize-payload ~* resetchannels -@all +@mine -mod.get", u.Describe())
	require.True(t, table.Add(row))
	us.Recompute()
	require.Equal(t, DeniedCommand, check(u, table, "mod.get x"))
}

func TestLoad(t *testing.T) {
	us, _ := newUsers(t)
	require.NoError(t, us.Set("old", []string{"on"}))
	require.NoError(t, us.Set("both", []string{"on", "&*"}))
	keep := us.Get([]byte("both"))
	var gone, lost []string
	moved := func(old, fresh *User, _ Channels, l bool) {
		switch {
		case fresh == nil:
			gone = append(gone, old.Name())
		case l:
			lost = append(lost, old.Name())
		}
	}
	bad := "user both on\nuser both off\nuser x +nope (+get\nnonsense\nuser y +nope ~* ~a ~b -nope2\n\n"
	err := us.Load("f", bad, moved)
	require.EqualError(t, err, "WARNING: Duplicate user 'both' found on line 2. f:3: Unmatched parenthesis in selector definition."+
		"f:4 should start with user keyword followed by the username. f:5: Error in applying operation '+nope': "+ErrUnknown.Error()+". f:5: "+ErrAllKeys.Error()+
		". f:5: Error in applying operation '-nope2': "+ErrUnknown.Error()+
		". WARNING: ACL errors detected, no change to the previously active ACL rules was performed")
	require.Same(t, keep, us.Get([]byte("both")))
	require.NoError(t, us.Load("f", "user both on  +get\r\nuser default on #"+HashPassword([]byte("p"))+" +@all", moved))
	require.Equal(t, []string{"old"}, gone)
	require.Equal(t, []string{"both"}, lost)
	require.Same(t, us.Default(), us.Get([]byte("default")))
	require.True(t, us.Default().HasPassword([]byte("p")))
	require.Equal(t, "default on sanitize-payload #"+HashPassword([]byte("p"))+" resetchannels +@all", us.Lines()[1])
	// Read back, it is the same.
	text := "user " + strings.Join(us.Lines(), "\nuser ")
	require.NoError(t, us.Load("f", text, moved))
	require.Equal(t, text, "user "+strings.Join(us.Lines(), "\nuser "))
}

func TestLogJoinsWhatIsTheSame(t *testing.T) {
	var l Log
	e := func(user string, at int64) LogEntry {
		return LogEntry{Reason: DeniedKey, Context: ContextTopLevel, Object: "k", UserName: user, Created: at}
	}
	l.Add(e("a", 1000), 3)
	l.Add(e("b", 1001), 3)
	l.Add(e("a", 2000), 3)
	require.Len(t, l.Entries(), 2)
	require.Equal(t, int64(2), l.Entries()[0].Count)
	require.Equal(t, int64(0), l.Entries()[0].ID)
	require.Equal(t, int64(1000), l.Entries()[0].Created)
	require.Equal(t, int64(2000), l.Entries()[0].Updated)
	l.Add(e("a", 2000+60001), 3)
	l.Add(e("c", 70000), 3)
	require.Len(t, l.Entries(), 3)
	l.Add(e("d", 70000), 0)
	require.Empty(t, l.Entries())
}

// FuzzRules: no rule breaks a user, and a description always reads back.
func FuzzRules(f *testing.F) {
	for _, s := range []string{"on >p ~a", "(+get ~x)", "+config|get -@all", "%RW~x &y", "(", "%", "+select|0", "#", "nopass reset"} {
		f.Add(s)
	}
	table := command.NewTable()
	commands.Register(table)
	f.Fuzz(func(t *testing.T, text string) {
		us := New(table)
		if us.Set("u", strings.Split(text, " ")) != nil {
			return
		}
		u := us.Get([]byte("u"))
		d := u.Describe()
		if strings.ContainsAny(d, "\"'\\\n\r\t\v\f") || strings.Contains(d, "  ") {
			return // selectors are split as command lines are, and the file at spaces and line ends
		}
		if strings.Contains(text, "(") && strings.ContainsAny(text, ")") && strings.Count(d, "(") != len(u.selectors)-1 {
			return // parentheses in patterns
		}
		if err := us.Set("v", append([]string{"reset"}, strings.Split(d, " ")...)); err != nil {
			t.Fatalf("%q gives %q, which is refused: %v", text, d, err)
		}
		if got := us.Get([]byte("v")).Describe(); got != d {
			t.Fatalf("%q gives %q, which gives %q", text, d, got)
		}
	})
}
