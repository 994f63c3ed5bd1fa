package command

import "fmt"

// The names that COMMAND INFO prints, by bit. An empty name is hidden.
var flagNames = [...]string{
	"write", "readonly", "denyoom", "module", "admin", "pubsub", "noscript", "blocking", "loading", "stale",
	"skip_monitor", "skip_slowlog", "asking", "fast", "no_auth", "", "", "", "no_mandatory_keys", "", "", "",
	"no_async_loading", "no_multi", "movablekeys", "allow_busy", "", "",
}

var categoryNames = [...]string{
	"keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap", "hyperloglog", "geo",
	"stream", "pubsub", "admin", "fast", "slow", "blocking", "dangerous", "connection", "transaction", "scripting",
}

var keyFlagNames = [...]string{
	"RO", "RW", "OW", "RM", "access", "update", "insert", "delete", "not_key", "incomplete", "variable_flags",
}

// maxCategories is how many categories fit into a Category.
const maxCategories = 64

// Category returns the category of that name, without "@" and in any case.
func (t *Table) Category(name string) (Category, bool) {
	for i := range len(categoryNames) + len(t.cats) {
		if n := t.categoryName(i); n != "" && len(n) == len(name) && foldEqual([]byte(name), n) {
			return 1 << i, true
		}
	}
	return 0, false
}

func (t *Table) categoryName(i int) string {
	if i < len(categoryNames) {
		return categoryNames[i]
	}
	return t.cats[i-len(categoryNames)]
}

// AddCategory makes a module's category. The name must be new.
func (t *Table) AddCategory(name string) (Category, error) {
	if _, ok := t.Category(name); ok {
		return 0, fmt.Errorf("category %q exists", name)
	}
	if len(categoryNames)+len(t.cats) == maxCategories {
		return 0, fmt.Errorf("no room for category %q", name)
	}
	t.cats = append(t.cats, name)
	return 1 << (len(categoryNames) + len(t.cats) - 1), nil
}

// DropCategories forgets the newest n categories of modules: the API lets a
// module add categories only while it is loaded, and takes them back only when
// the loading fails.
func (t *Table) DropCategories(n int) { t.cats = t.cats[:len(t.cats)-n] }

// CategoryNames calls f with the name of each category in cat, in order.
func (t *Table) CategoryNames(cat Category, f func(name string)) {
	for i := range len(categoryNames) + len(t.cats) {
		if cat&(1<<i) != 0 {
			f(t.categoryName(i))
		}
	}
}

// AllCategories is the set of the categories there are.
func (t *Table) AllCategories() Category {
	return 1<<(len(categoryNames)+len(t.cats)) - 1
}
