package host

import (
	"math"
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// lolwut is what LOLWUT draws: a picture of the version's kind, and the
// server's version.
func lolwut(version int, args []int) string {
	arg := func(i, def, lo, hi int) int {
		if i < len(args) {
			return min(max(args[i], lo), hi)
		}
		return def
	}
	const signature = "Redis ver. " + RedisVersion + "\n"
	switch version {
	case 5:
		return schotter(arg(0, 66, 1, 1000), arg(1, 8, 1, 200), arg(2, 12, 1, 200)) +
			"\nGeorg Nees - schotter, plotter on paper, 1968. " + signature
	case 6:
		return skyline(arg(0, 80, 1, 1000), arg(1, 20, 1, 1000)) +
			"\nDedicated to the 8 bit game developers of past and present.\n" +
			"Original 8 bit image from Plaguemon by hikikomori. " + signature
	case 7, 8:
		return harbour() + "\n" + signature
	}
	return signature
}

// canvas is a picture of dots, eight to a Braille character.
type canvas struct {
	w, h int
	dots []bool
}

func newCanvas(w, h int) *canvas { return &canvas{w, h, make([]bool, w*h)} }

func (p *canvas) dot(x, y int) {
	if x >= 0 && x < p.w && y >= 0 && y < p.h {
		p.dots[y*p.w+x] = true
	}
}

func (p *canvas) line(x0, y0, x1, y1 float64) {
	steps := math.Ceil(max(math.Abs(x1-x0), math.Abs(y1-y0), 1))
	for i := 0.0; i <= steps; i++ {
		t := i / steps
		p.dot(int(math.Round(x0+(x1-x0)*t)), int(math.Round(y0+(y1-y0)*t)))
	}
}

// square draws a square around a centre, turned by an angle.
func (p *canvas) square(x, y, size, angle float64) {
	var px, py [4]float64
	for i := range 4 {
		a := angle + math.Pi/4 + float64(i)*math.Pi/2
		px[i], py[i] = x+size/math.Sqrt2*math.Cos(a), y+size/math.Sqrt2*math.Sin(a)
	}
	for i := range 4 {
		p.line(px[i], py[i], px[(i+1)%4], py[(i+1)%4])
	}
}

func (p *canvas) text() string {
	// The bit of each dot of a Braille character, by row and column.
	bit := [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}
	var b strings.Builder
	for y := 0; y < p.h; y += 4 {
		for x := 0; x < p.w; x += 2 {
			r := rune(0x2800)
			for dy := range 4 {
				for dx := range 2 {
					if x+dx < p.w && y+dy < p.h && p.dots[(y+dy)*p.w+x+dx] {
						r |= bit[dy][dx]
					}
				}
			}
			b.Write(utf8.AppendRune(nil, r))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// schotter is Georg Nees's grid of squares that fall out of order from row to row.
func schotter(columns, perRow, rows int) string {
	width := columns * 2
	const margin = 2.0
	size := max((float64(width)-2*margin)/float64(perRow), 1)
	p := newCanvas(width, int(size*float64(rows)+2*margin))
	for row := range rows {
		for col := range perRow {
			disorder := 0.0
			if rows > 1 {
				disorder = float64(row) / float64(rows-1)
			}
			shake := func() float64 { return (rand.Float64()*2 - 1) * disorder }
			x := margin + (float64(col)+0.5)*size + shake()*size/3
			y := margin + (float64(row)+0.5)*size + shake()*size/3
			p.square(x, y, size, shake()*math.Pi/4)
		}
	}
	return p.text()
}

// skyline is a row of houses by night in four shades of grey.
func skyline(columns, rows int) string {
	shades := [...]string{"0;97;107m", "0;37;47m", "0;90;100m", "0;30;40m"}
	height := make([][]int, len(shades)-1)
	for i := range height {
		height[i] = make([]int, columns)
		for x := 0; x < columns; {
			h, w := rand.IntN(rows*(len(height)-i)/len(height)+1), 2+rand.IntN(8)
			for ; w > 0 && x < columns; w-- {
				height[i][x] = h
				x++
			}
		}
	}
	var b strings.Builder
	for y := range rows {
		for x := range columns {
			shade := 0
			for i := range height {
				if rows-y <= height[i][x] {
					shade = i + 1
				}
			}
			b.WriteString("\x1b[" + shades[shade] + " \x1b[0m")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// harbour is a poem of chance: each line joins the beginning of one sentence
// to the end of another.
func harbour() string {
	begin := []string{"the tide", "a foreign keel", "the pilot", "the last crane", "an unlit buoy", "the harbour wall", "the cargo"}
	end := []string{"waits for the morning", "remembers every name", "answers in another tongue", "is measured twice",
		"keeps what it was given", "lies alongside", "returns before the echo"}
	rand.Shuffle(len(begin), func(i, j int) { begin[i], begin[j] = begin[j], begin[i] })
	var b strings.Builder
	for i, at := range rand.Perm(len(end)) {
		b.WriteString(begin[i] + " " + end[at] + "\n")
	}
	return b.String()
}
