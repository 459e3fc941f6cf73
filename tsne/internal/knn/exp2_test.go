package knn
import ("testing";"context";"fmt";"os";"encoding/gob";"time"
"github.com/libtsne/libtsne/tsne/internal/par")
func TestExp2(t *testing.T){
 if os.Getenv("EXP")=="" {t.Skip()}
 n,d,k:=70000,50,90
 x:=loadNpy(t,"/tmp/mnist50.npy",n,d)
 pool:=par.New(0)
 ctx:=context.Background()
 var g *Graph
 f,_:=os.Open("/tmp/knn.gob"); gob.NewDecoder(f).Decode(&g)
 for _,e:=range []float64{0.5,1,1,2,4} {
 t0:=time.Now()
 a,err:=Approx(ctx,pool,x,n,d,k,ApproxOptions{Effort:e},nil)
 if err!=nil {t.Fatal(err)}
 fmt.Println(e,time.Since(t0),recall(a,g))
 }
}
func recall(a,g *Graph) float64 {
 hit:=0
 for i:=range g.N { 
  m:=map[int32]bool{}
  for _,j:=range g.Index[i*g.K:][:g.K] {m[j]=true}
  for _,j:=range a.Index[i*g.K:][:g.K] {if m[j]{hit++}}
 }
 return float64(hit)/float64(g.N*g.K)
}
