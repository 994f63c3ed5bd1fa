package keyspace

import (
	"math/rand/v2"
	"time"
)

const (
	lruMax = 1<<24 - 1
	// lfuInit is the counter of a new key: it must not be the first to go.
	lfuInit = 5
)

// LRU returns the 24 bits as they are: seconds of the last use, or LFU data.
func (e *Entry) LRU() uint32 { return e.meta >> metaLRUShift }

// SetLRU sets the 24 bits.
func (e *Entry) SetLRU(v uint32) { e.meta = e.meta&(1<<metaLRUShift-1) | v<<metaLRUShift }

// newLRU is the LRU field of a new key.
func (ks *Keyspace) newLRU() uint32 {
	if ks.Switches.LFU {
		return ks.lfuMinutes()<<8 | lfuInit
	}
	return ks.lruSecs
}

func (ks *Keyspace) lfuMinutes() uint32 { return uint32(ks.now/60000) & 0xffff }

// touch notes a use of the entry.
func (ks *Keyspace) touch(e *Entry) {
	if ks.Switches.LFU {
		e.SetLRU(ks.lfuMinutes()<<8 | uint32(ks.lfuIncr(ks.Freq(e))))
	} else {
		e.SetLRU(ks.lruSecs)
	}
}

// Touch notes a use of the entry, as a lookup would.
func (ks *Keyspace) Touch(e *Entry) { ks.touch(e) }

// IdleTime returns how long the entry has not been used, with the resolution of a
// second. It means nothing under an LFU policy.
func (ks *Keyspace) IdleTime(e *Entry) time.Duration {
	last := e.LRU()
	if ks.lruSecs >= last {
		return time.Duration(ks.lruSecs-last) * time.Second
	}
	return time.Duration(ks.lruSecs+(lruMax-last)) * time.Second
}

// SetIdleTime makes the entry look unused for so long (RESTORE, RM_SetLRU).
func (ks *Keyspace) SetIdleTime(e *Entry, idle time.Duration) {
	e.SetLRU((ks.lruSecs - uint32(idle/time.Second)) & lruMax)
}

// Freq returns the logarithmic counter, with the decay that is due. It means nothing
// without an LFU policy.
func (ks *Keyspace) Freq(e *Entry) uint8 {
	v := e.LRU()
	counter := v & 0xff
	if ks.LFUDecayTime > 0 {
		// 16 bits of minutes wrap around after 45 days.
		elapsed := (ks.lfuMinutes() - v>>8) & 0xffff
		if v>>8 > ks.lfuMinutes() {
			elapsed = 0xffff - v>>8 + ks.lfuMinutes()
		}
		counter -= min(counter, elapsed/uint32(ks.LFUDecayTime))
	}
	return uint8(counter)
}

// SetFreq sets the counter (RESTORE, RM_SetLFU).
func (ks *Keyspace) SetFreq(e *Entry, freq uint8) {
	e.SetLRU(ks.lfuMinutes()<<8 | uint32(freq))
}

// lfuIncr increments a counter with a probability that falls with its height.
func (ks *Keyspace) lfuIncr(counter uint8) uint8 {
	if counter == 255 {
		return 255
	}
	base := max(float64(counter)-lfuInit, 0)
	if rand.Float64() < 1/(base*float64(ks.LFULogFactor)+1) {
		counter++
	}
	return counter
}
