package config

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"berth/internal/errtext"
	"berth/internal/rlog"

	"golang.org/x/sys/unix"
)

// reservedFDs are the descriptors that the server needs beside those of its clients: listeners, files,
// the loop, and what modules open.
const reservedFDs = 32

// AdjustOpenFiles raises the process's limit of open files to what maxclients needs. When the system
// does not allow it, it lowers MaxClients to what fits and logs so; if not even that
// is possible, the error is the line to log before exiting.
func (c *Config) AdjustOpenFiles() error {
	want := uint64(c.MaxClients) + reservedFDs
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		c.log(rlog.LevelWarning, fmt.Sprintf("Unable to obtain the current NOFILE limit (%s), assuming 1024 and setting "+
			"the max clients configuration accordingly.", errtext.Of(err)))
		c.MaxClients = 1024 - reservedFDs
		return nil
	}
	old := limit.Cur
	if old >= want {
		return nil
	}
	// Raising the hard limit needs a privilege; where it is missing, take what may be had.
	err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: want, Max: max(want, limit.Max)})
	if err == nil {
		c.log(rlog.LevelNotice, fmt.Sprintf("Increased maximum number of open files to %d (it was originally set to %d).", want, old))
		return nil
	}
	best := old
	if limit.Max > old && unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: limit.Max, Max: limit.Max}) == nil {
		best = limit.Max
	}
	if best >= want {
		return nil
	}
	if best <= reservedFDs {
		return fmt.Errorf("Your current 'ulimit -n' of %d is not enough for the server to start. "+
			"Please increase your open file limit to at least %d. Exiting.", old, want)
	}
	requested := c.MaxClients
	c.MaxClients = int(best - reservedFDs)
	c.log(rlog.LevelWarning, fmt.Sprintf("You requested maxclients of %d requiring at least %d max file descriptors.", requested, want))
	c.log(rlog.LevelWarning, fmt.Sprintf("Server can't set maximum open files to %d because of OS error: %s.", want, errtext.Of(err)))
	c.log(rlog.LevelWarning, fmt.Sprintf("Current maximum open files is %d. maxclients has been reduced to %d to compensate for low ulimit. "+
		"If you need higher maxclients increase 'ulimit -n'.", best, c.MaxClients))
	return nil
}

// OOMClass says whose value of oom-score-adj-values applies.
type OOMClass int

// The classes in the order of the values.
const (
	OOMMaster OOMClass = iota
	OOMReplica
	OOMChild
)

// OOMScore applies oom-score-adj to this process. Its zero value is ready for use.
type OOMScore struct {
	base int  // what the process had before
	ours bool // it has been changed
}

const oomScoreFile = "/proc/self/oom_score_adj"

// Apply writes the score for a process of that class, or puts back the original one
// when oom-score-adj is off. A failure has been logged.
func (o *OOMScore) Apply(c *Config, class OOMClass) error {
	var score int
	switch {
	case c.OOMScoreAdj != OOMScoreAdjNo:
		if !o.ours {
			text, err := os.ReadFile(oomScoreFile)
			if err == nil {
				o.base, err = strconv.Atoi(strings.TrimSpace(string(text)))
			}
			if err != nil {
				c.log(rlog.LevelWarning, "Unable to read oom_score_adj: "+errtext.Of(err))
				return errOOMScore
			}
			o.ours = true
		}
		score = c.OOMScoreAdjValues[class]
		if c.OOMScoreAdj == OOMScoreAdjRelative {
			score += o.base
		}
		score = min(max(score, -1000), 1000)
	case o.ours:
		o.ours = false
		score = o.base
	default:
		return nil
	}
	if err := os.WriteFile(oomScoreFile, []byte(strconv.Itoa(score)+"\n"), 0); err != nil {
		c.log(rlog.LevelWarning, "Unable to write oom_score_adj: "+errtext.Of(err))
		return errOOMScore
	}
	return nil
}

var errOOMScore = errors.New("Failed to apply new oom_score_adj configuration, check server logs.")
