package knn
import ("testing";"context";"fmt";"sort";"os";"encoding/gob"
"github.com/libtsne/libtsne/tsne/internal/par")
func TestExp(t *testing.T){
 if os.Getenv("EXP")=="" {t.Skip()}
 n,d,k:=70000,50,90
 x:=loadNpy(t,"/tmp/mnist50.npy",n,d)
 pool:=par.New(0)
 ctx:=context.Background()
 var g *Graph
 if f,err:=os.Open("/tmp/knn.gob");err==nil{ gob.NewDecoder(f).Decode(&g)} else {
 g,_=Exact(ctx,pool,x,n,d,k,nil)
 f,_:=os.Create("/tmp/knn.gob"); gob.NewEncoder(f).Encode(g); f.Close()}
 for _,dims:=range []int{16,32}{ for _,L:=range []int{256,512}{
 b:=newBasis(pool,x,n,d)
 ld:=b.lead(pool,x,n,dims)
 l,_:=newLists(ctx,pool,ld,n,L,0)
 to:=make([]int32,n)
 l.assign(ctx,pool,n,func(i int)int{return i},to)
 size:=make([]float64,L)
 M:=make([]float64,L*L)
 for i:=range n{ size[to[i]]++; for _,j:=range g.Index[i*k:][:k]{M[int(to[i])*L+int(to[j])]++}}
 mx:=0.0; for _,s:=range size{mx=max(mx,s)}
 fmt.Println("dims",dims,"L",L,"max size",mx)
 for _,mm:=range []int{0,4,8,16,32,1000,1001}{
  score:=make([]float64,L*L)
  dist:=make([]float32,L)
  if mm==0 { // oracle
   for a:=range L{for c:=range L{ score[a*L+c]=(M[a*L+c]+M[c*L+a])/(size[a]*size[c]+1)}}
  } else if mm>=1000 { // list centroid rank
   cent:=make([]float32,L*l.dims)
   _,mem:=group(to,L); st,_:=group(to,L)
   for a:=range L { l.mean(mem[st[a]:st[a+1]],cent[a*l.dims:][:l.dims]) }
   for a:=range L{ for c:=range L{ var s float64; for q:=range l.dims{ v:=float64(cent[a*l.dims+q]-cent[c*l.dims+q]); s+=v*v}; dist[c]=float32(s)}
    id:=make([]int,L); for i:=range id{id[i]=i}; sort.Slice(id,func(x,y int)bool{return dist[id[x]]<dist[id[y]]})
    for r,c:=range id { v:=1/float64(r+1); if mm==1001 {v=-float64(dist[c])}; if r==0{v=1e9}; score[a*L+c]=max(score[a*L+c],v); if mm==1001 {score[a*L+c]=v}; }}
   if mm==1000 { for a:=range L{for c:=range a{ v:=max(score[a*L+c],score[c*L+a]); score[a*L+c]=v; score[c*L+a]=v}}}
  } else {
   for i:=range n{ if i%4!=0 {continue}; l.rank(i,dist); id:=make([]int,L); for i:=range id{id[i]=i}; sort.Slice(id,func(x,y int)bool{return dist[id[x]]<dist[id[y]]})
    for r,c:=range id[:mm]{ _=r; score[int(to[i])*L+c]+=1; score[c*L+int(to[i])]+=1 }}
   for a:=range L{for c:=range L{ score[a*L+c]/=(size[a]*size[c]+1)}}
  }
  id:=make([]int,L*L); for i:=range id{id[i]=i}
  sort.Slice(id,func(x,y int)bool{return score[id[x]]>score[id[y]]})
  var pairs,hit,hits float64
  targets:=[]float64{0.8,0.9,0.95,0.97,0.98,0.99}
  for _,e:=range id{ pairs+=size[e/L]*size[e%L]; hit+=M[e]; for len(targets)>0 && hit/float64(n*k)>=targets[0]{ fmt.Printf("  %v: m=%d share %.4f\n",targets[0],mm,pairs/float64(n)/float64(n)); targets=targets[1:]} }
  _=hits
 }
 }}
}
