package inspect

import (
	"debug/elf"
	"encoding/binary"
	"slices"
	"sort"
)

// ref is a place in the code that refers to an address of data.
type ref struct {
	pc     uint64 // of the operand
	target uint64
	addr   bool // the address itself is taken, not what is there
	kept   bool // it goes to a register that survives calls
}

// references are those places, in order, at which the code refers to an address that want accepts.
func (im *image) references(want func(target uint64) bool) (refs []ref) {
	for i := range im.segments {
		seg := &im.segments[i]
		if !seg.exec {
			continue
		}
		switch im.elf.Machine {
		case elf.EM_X86_64:
			refs = append(refs, amd64Refs(seg, want)...)
		case elf.EM_AARCH64:
			refs = append(refs, arm64Refs(seg, im.slots, want)...)
		}
	}
	slices.SortFunc(refs, func(a, b ref) int {
		switch {
		case a.pc < b.pc:
			return -1
		case a.pc > b.pc:
			return 1
		}
		return 0
	})
	return refs
}

// amd64Refs looks for every ModRM byte that says "relative to the instruction pointer". Where the instruction
// begins need not be known; how long its immediate operand is, which counts, is tried.
func amd64Refs(seg *segment, want func(uint64) bool) (refs []ref) {
	d := seg.data
	for i := 1; i+5 <= len(d); i++ {
		if d[i]&0xc7 != 0x05 {
			continue
		}
		disp := uint64(int64(int32(binary.LittleEndian.Uint32(d[i+1:]))))
		target := seg.addr + uint64(i) + 5 + disp
		imm, ok := amd64Immediate(d, i)
		if !ok {
			continue
		}
		if target += imm; want(target) {
			refs = append(refs, ref{seg.addr + uint64(i), target, d[i-1] == 0x8d, amd64Keeps(d, i)})
		}
	}
	return refs
}

// amd64Immediate is the length of the immediate operand behind the address, for the instructions in which a
// compiler uses a pointer in memory: mov, lea, call, jmp, cmp, test, push, cmov and moves of vector registers.
func amd64Immediate(d []byte, modrm int) (n uint64, ok bool) {
	op, reg := d[modrm-1], d[modrm]>>3&7
	switch op {
	case 0x8b, 0x8d, 0x89, 0x39, 0x3b, 0x85, 0x87, 0x63, 0x33, 0x23, 0x0b, 0x03:
		return 0, true
	case 0xff:
		return 0, reg == 2 || reg == 4 || reg == 6
	case 0x83:
		return 1, true
	case 0x81, 0xc7, 0x69:
		return 4, true
	case 0xf7:
		return 4, reg < 2
	}
	if modrm >= 2 && d[modrm-2] == 0x0f {
		return 0, op >= 0x40 && op <= 0x4f || op == 0x10 || op == 0x11 || op == 0x28 || op == 0x29 || op == 0x6f || op == 0x7e ||
			op == 0x12 || op == 0x13 || op == 0x16 || op == 0x17 || op == 0xd6
	}
	return 0, false
}

// amd64Keeps reports whether a mov or lea goes to rbx, rbp or r12 to r15.
func amd64Keeps(d []byte, modrm int) bool {
	if op := d[modrm-1]; op != 0x8b && op != 0x8d || modrm < 2 {
		return false
	}
	reg := d[modrm] >> 3 & 7
	if d[modrm-2]&0xf4 == 0x44 { // REX.R
		return reg >= 4
	}
	return reg == 3 || reg == 5
}

// registers is what is known of arm64's registers: addresses of data.
type registers struct {
	addr [32]uint64
	set  [32]bool
}

func (r *registers) put(n uint32, addr uint64) { r.addr[n], r.set[n] = addr, true }

// arm64Refs follows adrp, which forms the address of a page in a register, to the instructions that add the rest
// or load from there, possibly by way of an anchor in the middle of the data. What is known of a register lives
// until it is written again or the function ends, and goes with a branch to where it leads. slots are the words that the loader
// fills in.
func arm64Refs(seg *segment, slots map[uint64]slot, want func(uint64) bool) (refs []ref) {
	var regs registers
	ended := false // the instruction before this one does not go on to it
	branches := map[uint64]registers{}
	forward := func(target, pc uint64) {
		if target > pc && target-pc < 1<<16 {
			branches[target] = regs
		}
	}
	d := seg.data
	for i := 0; i+4 <= len(d); i += 4 {
		pc := seg.addr + uint64(i)
		w := binary.LittleEndian.Uint32(d[i:])
		if saved, ok := branches[pc]; ok {
			if ended {
				regs = saved
			}
			delete(branches, pc)
		}
		ended = false
		rd, rn, rm := w&31, w>>5&31, w>>16&31
		emit := func(target uint64, addr bool) {
			if want(target) {
				refs = append(refs, ref{pc, target, addr, rd >= 19 && rd <= 28})
			}
		}
		switch {
		case w&0x1f000000 == 0x10000000: // adrp and adr
			imm := int64(int32(w<<8)>>13)<<2 | int64(w>>29&3)
			if w>>31 == 1 {
				regs.put(rd, pc&^0xfff+uint64(imm<<12))
			} else {
				regs.put(rd, pc+uint64(imm))
				emit(regs.addr[rd], true)
			}
		case w&0xff800000 == 0x91000000 && regs.set[rn]: // add, 64 bits, immediate, perhaps shifted
			regs.put(rd, regs.addr[rn]+uint64(w>>10&0xfff)<<(12*(w>>22&1)))
			emit(regs.addr[rd], true)
		case w&0xffe0ffe0 == 0xaa0003e0 && regs.set[rm]: // mov
			regs.put(rd, regs.addr[rm])
			emit(regs.addr[rd], true)
		case w&0xffc00000 == 0xf9000000: // str, 64 bits
			if regs.set[rn] {
				emit(regs.addr[rn]+uint64(w>>10&0xfff)*8, false)
			}
		case w&0xffc00000 == 0xf9400000 && regs.set[rn]: // ldr, 64 bits
			from := regs.addr[rn] + uint64(w>>10&0xfff)*8
			emit(from, false)
			regs.addr[rd] = slots[from].addr // of the table of addresses, perhaps
			regs.set[rd] = regs.addr[rd] != 0
		case w&0xfffffc1f == 0xd65f0000, w&0xfffffc1f == 0xd61f0000, w&0xfc000000 == 0x14000000: // ret, br, b
			ended = true
			if w>>26 == 5 {
				forward(pc+uint64(int64(int32(w<<6)>>6)*4), pc)
			} else if w&0xfffffc1f == 0xd65f0000 {
				regs = registers{}
			}
		case w&0xff000010 == 0x54000000, w&0x7e000000 == 0x34000000: // b.cond, cbz and cbnz
			forward(pc+uint64(int64(int32(w<<8)>>13)*4), pc)
		case w&0x7e000000 == 0x36000000: // tbz and tbnz
			forward(pc+uint64(int64(int32(w<<13)>>18)*4), pc)
		case w&0xfc000000 == 0x94000000, w&0xfffffc1f == 0xd63f0000: // bl and blr: the callee may use these
			for r := range 19 {
				regs.set[r] = false
			}
		default:
			// Most formats that write a register have it in these bits.
			regs.set[rd] = false
		}
	}
	return refs
}

// nearby is how many bytes of code may lie between the two operands of one call of GetApi.
const nearby = 40

// usage is what the code does with the API's functions.
type usage struct {
	asked   []string          // names in the file
	reached map[string]bool   // names whose pointers are loaded elsewhere than where they are asked for
	vars    map[uint64]string // the pointers
}

// functionsUsed reads names, pointers and their uses out of the image.
func (im *image) functionsUsed() usage {
	names := im.names()
	vars := im.pointers()
	got := map[uint64]uint64{} // words that hold the address of data of this image
	for at, s := range im.slots {
		if s.addr != 0 {
			got[at] = s.addr
		}
	}
	pair(im, names, got, vars)

	interesting := func(t uint64) bool {
		if _, ok := names[t]; ok {
			return true
		}
		if _, ok := vars[t]; ok {
			return true
		}
		_, ok := vars[got[t]]
		return ok
	}
	refs := im.references(interesting)
	u := usage{reached: map[string]bool{}, vars: vars}
	pointer := func(r ref) string {
		if name := vars[r.target]; name != "" {
			return name
		}
		return vars[got[r.target]]
	}
	asks := asking(refs, names, pointer)
	for i, r := range refs {
		name := pointer(r)
		// The linker may have made an address out of a load from the table of addresses; on arm64 the load that
		// follows is seen by itself.
		used := !r.addr || im.elf.Machine == elf.EM_X86_64
		if name != "" && used && (r.kept || !asks[i]) {
			u.reached[name] = true
		}
	}
	seen := map[string]bool{}
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			u.asked = append(u.asked, n)
		}
	}
	sort.Strings(u.asked)
	// What is loaded but was never asked for is no API function of this module: its pointer stays NULL.
	for n := range u.reached {
		if !seen[n] {
			delete(u.reached, n)
		}
	}
	return u
}

// asking finds the references to pointers with which their names are asked for: for each reference to a name the
// closest to a pointer of that name.
func asking(refs []ref, names map[uint64]string, pointer func(ref) string) map[int]bool {
	found := map[int]bool{}
	for i, r := range refs {
		name := names[r.target]
		if name == "" {
			continue
		}
		best, distance := -1, uint64(nearby+1)
		for k := i - 1; k >= 0 && r.pc-refs[k].pc < distance; k-- {
			if pointer(refs[k]) == name {
				best, distance = k, r.pc-refs[k].pc
			}
		}
		for k := i + 1; k < len(refs) && refs[k].pc-r.pc < distance; k++ {
			if pointer(refs[k]) == name {
				best, distance = k, refs[k].pc-r.pc
			}
		}
		if best >= 0 {
			found[best] = true
		}
	}
	return found
}

// pair finds the pointers that have no symbol: where code refers to a name, the variable whose address is taken
// closest to it, and in tables of names the variable next to each.
func pair(im *image, names map[uint64]string, got map[uint64]uint64, vars map[uint64]string) {
	known := map[string]bool{}
	for _, n := range vars {
		known[n] = true
	}
	complete := true
	for _, n := range names {
		complete = complete && known[n]
	}
	if complete {
		return
	}
	refs := im.references(func(t uint64) bool {
		if _, ok := names[t]; ok {
			return true
		}
		return im.writable(t) && (got[t] == 0 || im.writable(got[t]))
	})
	for i, r := range refs {
		name := names[r.target]
		if name == "" || known[name] {
			continue
		}
		best, distance := uint64(0), uint64(2*nearby+1)
		consider := func(o ref, d uint64) {
			target := o.target
			if g := got[target]; g != 0 {
				target = g
			} else if !o.addr {
				return // what is in the variable, not its address
			}
			if o.kept {
				d += nearby // for later, or an anchor from which the address is formed
			}
			if names[o.target] == "" && d < distance {
				best, distance = target, d
			}
		}
		for k := i - 1; k >= 0 && r.pc-refs[k].pc <= nearby && names[refs[k].target] == ""; k-- {
			consider(refs[k], r.pc-refs[k].pc)
		}
		for k := i + 1; k < len(refs) && refs[k].pc-r.pc <= nearby && names[refs[k].target] == ""; k++ {
			consider(refs[k], refs[k].pc-r.pc)
		}
		if best != 0 {
			vars[best] = name
		}
	}
	for at, target := range got {
		if name := names[target]; name != "" && !known[name] {
			for _, next := range []uint64{at + 8, at - 8} {
				if v := got[next]; v != 0 && names[v] == "" && im.writable(v) && vars[v] == "" {
					vars[v] = name
					break
				}
			}
		}
	}
}
