package geohash
import ("testing";"math/rand/v2";"os";"fmt";"bufio";"math")
func TestDump(t *testing.T){
 f,_:=os.Create("/tmp/geo/dump.txt"); w:=bufio.NewWriter(f)
 r:=rand.New(rand.NewPCG(1,2))
 for i:=0;i<200000;i++{
  x:=(r.Float64()*2-1)*math.Pi
  if i%2==0 { x*= math.Pow(10,-6*r.Float64()) }
  y:=r.Float64(); if i%2==0 { y*= math.Pow(10,-7*r.Float64()) }
  if i%7==0 { y = 1 - y/100 }
  fmt.Fprintf(w,"%x %x %x %x %x\n",x,sin(x),cos(x),y,asin(y))
 }
 w.Flush()
}
func BenchmarkDistance(b *testing.B){ for i:=range b.N { Distance(1.5,2.5,float64(i%100),float64(i%80)) } }
