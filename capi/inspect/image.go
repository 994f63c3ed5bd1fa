package inspect

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// segment is a part of the file as it will lie in memory.
type segment struct {
	addr uint64
	size uint64 // in memory, where it may be longer than data
	data []byte
	exec bool
	rw   bool
}

func (s *segment) holds(addr uint64) bool { return addr >= s.addr && addr < s.addr+s.size }

// image is a module's file, mapped at address 0.
type image struct {
	elf      *elf.File
	segments []segment
	// slots are the words that the loader fills in: with an address of the image, or with that of a symbol.
	slots map[uint64]slot
}

type slot struct {
	addr   uint64 // in the image, 0 for a symbol of another file
	symbol string
}

// maxSegments is more than any linker makes.
const maxSegments = 64

// newImage reads the segments of a file of that size.
func newImage(f *elf.File, size int64) (*image, error) {
	im := &image{elf: f, slots: map[uint64]slot{}}
	var total uint64
	for _, p := range f.Progs {
		if p.Type != elf.PT_LOAD {
			continue
		}
		if len(im.segments) == maxSegments {
			return nil, errors.New("too many segments")
		}
		if p.Off > uint64(size) || p.Filesz > uint64(size)-p.Off {
			return nil, fmt.Errorf("the segment at %#x ends behind the end of the file", p.Off)
		}
		if total += p.Filesz; total > 2*uint64(size) {
			return nil, errors.New("the segments overlap")
		}
		data := make([]byte, p.Filesz)
		if _, err := p.ReadAt(data, 0); err != nil {
			return nil, fmt.Errorf("segment at %#x: %w", p.Off, err)
		}
		im.segments = append(im.segments, segment{
			addr: p.Vaddr, size: p.Memsz, data: data, exec: p.Flags&elf.PF_X != 0, rw: p.Flags&elf.PF_W != 0,
		})
	}
	im.readRelocations()
	return im, nil
}

func (im *image) at(addr uint64) *segment {
	for i := range im.segments {
		if im.segments[i].holds(addr) {
			return &im.segments[i]
		}
	}
	return nil
}

func (im *image) writable(addr uint64) bool {
	s := im.at(addr)
	return s != nil && s.rw
}

// The relocation types that put an address into a word.
func isAddress(m elf.Machine, typ uint32) (relative, symbol bool) {
	switch m {
	case elf.EM_X86_64:
		return typ == uint32(elf.R_X86_64_RELATIVE), typ == uint32(elf.R_X86_64_GLOB_DAT) || typ == uint32(elf.R_X86_64_64) ||
			typ == uint32(elf.R_X86_64_JMP_SLOT)
	case elf.EM_AARCH64:
		return typ == uint32(elf.R_AARCH64_RELATIVE), typ == uint32(elf.R_AARCH64_GLOB_DAT) || typ == uint32(elf.R_AARCH64_ABS64) ||
			typ == uint32(elf.R_AARCH64_JUMP_SLOT)
	}
	return false, false
}

func (im *image) readRelocations() {
	syms, _ := im.elf.DynamicSymbols()
	for _, sec := range im.elf.Sections {
		if sec.Type != elf.SHT_RELA {
			continue
		}
		data, err := sec.Data()
		if err != nil {
			continue
		}
		for ; len(data) >= 24; data = data[24:] {
			off := binary.LittleEndian.Uint64(data)
			info := binary.LittleEndian.Uint64(data[8:])
			addend := binary.LittleEndian.Uint64(data[16:])
			relative, symbol := isAddress(im.elf.Machine, uint32(info))
			switch n := int(info >> 32); {
			case relative:
				im.slots[off] = slot{addr: addend}
			case symbol && n > 0 && n <= len(syms):
				s := syms[n-1]
				x := slot{symbol: s.Name}
				if s.Section != elf.SHN_UNDEF {
					x.addr = s.Value + addend
				}
				im.slots[off] = x
			}
		}
	}
}

// names finds the API names in the file's data, by address.
func (im *image) names() map[uint64]string {
	found := map[uint64]string{}
	for i := range im.segments {
		seg := &im.segments[i]
		text := string(seg.data)
		for _, prefix := range []string{redisPrefix, valkeyPrefix} {
			for from := 0; ; {
				at := strings.Index(text[from:], prefix)
				if at < 0 {
					break
				}
				at += from
				end := at + len(prefix)
				for end < len(text) && isName(text[end]) {
					end++
				}
				if end > at+len(prefix) && end < len(text) && text[end] == 0 {
					found[seg.addr+uint64(at)] = text[at:end]
				}
				from = end
			}
		}
	}
	im.dropSymbolNames(found)
	return found
}

func isName(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// dropSymbolNames leaves out what are names of the file's own symbols, which nobody asks a server for.
func (im *image) dropSymbolNames(found map[uint64]string) {
	for _, sec := range im.elf.Sections {
		if sec.Type != elf.SHT_STRTAB || sec.Addr == 0 {
			continue
		}
		for addr := range found {
			if addr >= sec.Addr && addr < sec.Addr+sec.Size {
				delete(found, addr)
			}
		}
	}
}

// pointers finds the variables that hold the API's functions: by their symbols.
func (im *image) pointers() map[uint64]string {
	found := map[uint64]string{}
	note := func(syms []elf.Symbol) {
		for _, s := range syms {
			if elf.ST_TYPE(s.Info) == elf.STT_OBJECT && s.Section != elf.SHN_UNDEF && s.Size == 8 &&
				(strings.HasPrefix(s.Name, redisPrefix) || strings.HasPrefix(s.Name, valkeyPrefix)) {
				found[s.Value] = s.Name
			}
		}
	}
	if syms, err := im.elf.DynamicSymbols(); err == nil {
		note(syms)
	}
	if syms, err := im.elf.Symbols(); err == nil {
		note(syms)
	}
	return found
}
