package difftest

// templates is what the random streams are made of: the data commands of Redis 8.0, with the argument forms that
// are deterministic. Left to scripts: relative expiry with GT or LT and of hash fields (milliseconds differ between
// two servers), SPOP of some members, cursors beyond the first step, blocking for longer than an instant.
var templates = parseTemplates(`
# ---- strings
=SET $s $v *6
=SET $s $v [ ( NX | XX ) ] [ GET ] [ ( EX $ex | PX $px | EXAT $at | PXAT $pxat | KEEPTTL ) ] *4
=SET $k $v
=GET $s *3
=GETSET $s $v
=GETDEL $s
=GETEX $s [ ( EX $ex | PX $px | EXAT $at | PXAT $pxat | PERSIST ) ]
=SETNX $s $v
=SETEX $s $ex $v
=PSETEX $s $px $v
=MGET { $s }
=MSET { $s $v }
=MSETNX { $s $v }
=APPEND $s $v *3
=STRLEN $s
=SETRANGE $s $off $v *2
=GETRANGE $s $ix $ix *2
=SUBSTR $s $ix $ix
=INCR $s *2
=DECR $s
=INCRBY $s $i *2
=DECRBY $s $i
=INCRBYFLOAT $s $d *3
=LCS $s $s [ ( LEN | IDX [ MINMATCHLEN $c ] [ WITHMATCHLEN ] ) ]
# ---- bitmaps
=SETBIT $b $bitoff $bit *3
=GETBIT $b $bitoff
=BITCOUNT $b [ $ix $ix [ ( BYTE | BIT ) ] ] *2
=BITPOS $b $bit [ $ix [ $ix [ ( BYTE | BIT ) ] ] ] *2
=BITOP ( AND | OR | XOR ) $b { ( $b | $s ) } *2
=BITOP NOT $b $b
=BITFIELD $b { [ OVERFLOW ( WRAP | SAT | FAIL ) ] ( GET $enc $bitoff | SET $enc $bitoff $bitval | INCRBY $enc $bitoff $bitval ) } *4
=BITFIELD_RO $b { GET $enc $bitoff }
# ---- HyperLogLogs
=PFADD $p { $m } { $m } { $v } *4
=PFCOUNT { $p } *2
=PFMERGE $p { $p } *2
=PFDEBUG ( ENCODING | DECODE | TODENSE | nosuch ) $p *1
=GET $p *1
=SETRANGE $p $off $v *1
# ---- lists
=LPUSH $l { $v } *5
=RPUSH $l { $v } *6
=LPUSHX $l { $v }
=RPUSHX $l { $v }
=LPOP $l [ $c ] *2
=RPOP $l [ $c ] *2
=LLEN $l
=LRANGE $l $ix $ix *3
=LINDEX $l $ix *2
=LSET $l $ix $v *3
=LINSERT $l ( BEFORE | AFTER ) $v $v *3
=LREM $l $c $v *2
=LTRIM $l $ix $ix
=LPOS $l $v [ RANK $c ] [ COUNT $c ] [ MAXLEN $c ] *2
=LMOVE $l $l ( LEFT | RIGHT ) ( LEFT | RIGHT ) *2
=RPOPLPUSH $l $l
=LMPOP $nl ( LEFT | RIGHT ) [ COUNT $c ]
=BLPOP { $l } 0.001 *1
=BRPOP { $l } 0.001 *1
=BLMOVE $l $l ( LEFT | RIGHT ) ( LEFT | RIGHT ) 0.001 *1
=BRPOPLPUSH $l $l 0.001 *1
=BLMPOP 0.001 $nl ( LEFT | RIGHT ) [ COUNT $c ] *1
# ---- hashes
=HSET $h { $f $v } *8
=HSETNX $h $f $v
=HMSET $h { $f $v }
=HGET $h $f *2
=HMGET $h { $f }
!HGETALL $h *2
?HKEYS $h
?HVALS $h
=HDEL $h { $f } *2
=HLEN $h
=HSTRLEN $h $f
=HEXISTS $h $f
=HINCRBY $h $f $i *2
=HINCRBYFLOAT $h $f $d *2
~HRANDFIELD $h [ $c ]
~HRANDFIELD $h $c WITHVALUES
!HSCAN $h 0 COUNT 100000 [ MATCH $glob ]
?HSCAN $h 0 COUNT 100000 NOVALUES
=HGETDEL $h FIELDS $nf
=HGETEX $h [ ( EXAT $hat | PXAT $hpxat | PERSIST ) ] FIELDS $nf
=HSETEX $h [ ( FNX | FXX ) ] [ ( EXAT $hat | PXAT $hpxat | KEEPTTL ) ] FIELDS $nfv
=HEXPIREAT $h $hat [ ( NX | XX | GT | LT ) ] FIELDS $nf *2
=HPEXPIREAT $h $hpxat [ ( NX | XX | GT | LT ) ] FIELDS $nf *2
5HEXPIRETIME $h FIELDS $nf
kHPEXPIRETIME $h FIELDS $nf
=HPERSIST $h FIELDS $nf
5HTTL $h FIELDS $nf
kHPTTL $h FIELDS $nf
# ---- sets
=SADD $t { $m } *9
=SREM $t { $m } *3
=SISMEMBER $t $m
=SMISMEMBER $t { $m }
=SCARD $t
?SMEMBERS $t *2
=SMOVE $t $t $m
?SPOP $t 100000 *1
~SRANDMEMBER $t [ $c ]
?SINTER { $t } *2
?SUNION { $t } *2
?SDIFF { $t } *2
=SINTERSTORE $t { $t }
=SUNIONSTORE $t { $t }
=SDIFFSTORE $t { $t }
=SINTERCARD $nt [ LIMIT $c ]
?SSCAN $t 0 COUNT 100000 [ MATCH $glob ]
# ---- sorted sets
=ZADD $z [ ( NX | XX | GT | LT | XX GT | XX LT ) ] [ CH ] { $d $m } *9
=ZADD $z [ ( NX | XX | GT | LT ) ] INCR $d $m *2
=ZINCRBY $z $d $m *2
=ZREM $z { $m } *3
=ZCARD $z
=ZSCORE $z $m
=ZMSCORE $z { $m }
=ZRANK $z $m [ WITHSCORE ]
=ZREVRANK $z $m [ WITHSCORE ]
=ZRANGE $z $ix $ix [ REV ] [ WITHSCORES ] *3
=ZRANGE $z $sb $sb BYSCORE [ REV ] [ LIMIT $c $c ] [ WITHSCORES ] *3
# Ranges by name mean something only where all scores are equal: the y keys.
=ZADD $y [ NX ] { 0 $m } *5
=ZREM $y { $m }
=ZRANGE $y $lb $lb BYLEX [ REV ] [ LIMIT $c $c ] *2
=ZREVRANGE $z $ix $ix [ WITHSCORES ]
=ZRANGEBYSCORE $z $sb $sb [ WITHSCORES ] [ LIMIT $c $c ]
=ZREVRANGEBYSCORE $z $sb $sb [ WITHSCORES ] [ LIMIT $c $c ]
=ZRANGEBYLEX $y $lb $lb [ LIMIT $c $c ]
=ZREVRANGEBYLEX $y $lb $lb [ LIMIT $c $c ]
=ZRANGESTORE $z $z $ix $ix [ REV ]
=ZRANGESTORE $z $z $sb $sb BYSCORE [ LIMIT $c $c ]
=ZRANGESTORE $z $y $lb $lb BYLEX
=ZCOUNT $z $sb $sb
=ZLEXCOUNT $y $lb $lb
=ZREMRANGEBYRANK $z $ix $ix *1
=ZREMRANGEBYSCORE $z $sb $sb *1
=ZREMRANGEBYLEX $y $lb $lb *1
=ZPOPMIN $z [ $c ]
=ZPOPMAX $z [ $c ]
=ZMPOP $nz ( MIN | MAX ) [ COUNT $c ]
=BZPOPMIN { $z } 0.001 *1
=BZPOPMAX { $z } 0.001 *1
=BZMPOP 0.001 $nz ( MIN | MAX ) [ COUNT $c ] *1
=ZUNION $nz [ AGGREGATE ( SUM | MIN | MAX ) ] [ WITHSCORES ]
=ZUNION 2 $z $z WEIGHTS $w $w [ AGGREGATE ( SUM | MIN | MAX ) ] WITHSCORES
=ZINTER $nz [ AGGREGATE ( SUM | MIN | MAX ) ] [ WITHSCORES ]
=ZDIFF $nz [ WITHSCORES ]
=ZUNIONSTORE $z $nz [ AGGREGATE ( SUM | MIN | MAX ) ] *1
=ZINTERSTORE $z $nz [ AGGREGATE ( SUM | MIN | MAX ) ] *1
=ZDIFFSTORE $z $nz *1
=ZUNIONSTORE $z 2 $z $t WEIGHTS $w $w
=ZINTERCARD $nz [ LIMIT $c ]
~ZRANDMEMBER $z [ $c ]
!ZSCAN $z 0 COUNT 100000 [ MATCH $glob ]
# ---- positions: results without an order of their own come in the order of the cells
=GEOADD $g [ ( NX | XX ) ] [ CH ] { $lon $lat $m } *4
=GEOPOS $g { $m } *1
=GEOHASH $g { $m } *1
=GEODIST $g $m $m [ $unit ] *1
=GEORADIUS $g $lon $lat $r $unit [ WITHDIST ] [ WITHHASH ] [ WITHCOORD ] [ COUNT $c [ ANY ] ] [ ( ASC | DESC ) ]
=GEORADIUS_RO $g $lon $lat $r $unit WITHDIST ( ASC | DESC ) *1
# No STOREDIST: the last bit of a distance is the C library's (docs/differences.md).
=GEORADIUS $g $lon $lat $r $unit [ COUNT $c ] STORE $g *1
=GEORADIUSBYMEMBER $g $m $r $unit [ WITHDIST ] [ COUNT $c [ ANY ] ]
=GEOSEARCH $g ( FROMLONLAT $lon $lat | FROMMEMBER $m ) ( BYRADIUS $r $unit | BYBOX $r $r $unit ) [ WITHDIST ] [ WITHCOORD ] [ COUNT $c ]
=GEOSEARCHSTORE $g $g FROMLONLAT $lon $lat BYBOX $r $r $unit [ COUNT $c [ ANY ] ] *1
# ---- streams: ids are given, or come from the clock only behind one of the far future (the u keys)
=XADD $x $nid { $f $v } *12
=XADD $x [ NOMKSTREAM ] [ $trim ] $nid { $f $v } *8
=XADD $u 9999999999999-1 $f $v
=XADD $u NOMKSTREAM [ $trim ] * { $f $v } *4
=XLEN $x *1
=XRANGE $x $ib $ib [ COUNT $c ] *3
=XREVRANGE $x $ib $ib [ COUNT $c ] *3
=XDEL $x { $id } *5
=XTRIM $x $trim *2
=XSETID $x $id [ ENTRIESADDED $c ] [ MAXDELETEDID $id ] *1
=XREAD [ COUNT $c ] STREAMS $x $sid *3
=XREAD [ COUNT $c ] STREAMS $x $x $sid $sid
=XREAD BLOCK 1 STREAMS $x $sid *1
=XGROUP CREATE $x $gr $gid [ MKSTREAM ] [ ENTRIESREAD $c ] *4
=XGROUP SETID $x $gr $gid [ ENTRIESREAD $c ] *1
=XGROUP DESTROY $x $gr *1
=XGROUP CREATECONSUMER $x $gr $co *1
=XGROUP DELCONSUMER $x $gr $co *1
=XREADGROUP GROUP $gr $co [ COUNT $c ] [ NOACK ] STREAMS $x ( > | > | > | $id ) *10
=XREADGROUP GROUP $gr $co STREAMS $x $u > >
=XREADGROUP GROUP $gr $co BLOCK 1 STREAMS $x > *1
=XACK $x $gr { $id } *4
=XPENDING $x $gr *2
kXPENDING $x $gr [ IDLE ( 0 | 1000000000 ) ] $ib $ib $c [ $co ] *4
=XCLAIM $x $gr $co ( 0 | 1000000000 ) { $id } [ ( IDLE 100000 | TIME 1000 ) ] [ RETRYCOUNT $c ] [ FORCE ] [ JUSTID ] [ LASTID $id ] *4
=XAUTOCLAIM $x $gr $co ( 0 | 1000000000 ) $ib [ COUNT $c ] [ JUSTID ] *4
tXINFO STREAM $x [ FULL [ COUNT $c ] ] *6
=XINFO GROUPS $x *3
kXINFO CONSUMERS $x $gr *2
# ---- keys
=DEL { $k }
=UNLINK $k *1
=EXISTS { $k }
=TOUCH { $k }
=TYPE $k
=OBJECT ENCODING $k *4
# Redis shares small integers and what MULTI queued, which shows in the count.
~OBJECT REFCOUNT $k
~OBJECT IDLETIME $k
=RENAME ( $s $s | $l $l | $h $h | $t $t | $z $z | $x $x )
=RENAMENX ( $s $s | $l $l | $h $h | $t $t | $z $z | $x $x )
=COPY ( $s $s | $l $l | $h $h | $t $t | $z $z | $x $x ) [ DB $db ] [ REPLACE ]
=MOVE $k $db
?KEYS $glob
?SCAN 0 COUNT 100000 [ MATCH $glob ] [ TYPE ( string | list | hash | set | zset | stream ) ]
~RANDOMKEY
# DBSIZE counts keys that have expired and are not yet removed.
~DBSIZE
=EXPIRE $k $ex [ ( NX | XX ) ]
=PEXPIRE $k $px [ ( NX | XX ) ]
=EXPIREAT $k $at [ ( NX | XX | GT | LT ) ]
=PEXPIREAT $k $pxat [ ( NX | XX | GT | LT ) ]
=PERSIST $k
5TTL $k
kPTTL $k
5EXPIRETIME $k
kPEXPIRETIME $k
=SORT $l [ LIMIT $c $c ] [ ( ASC | DESC ) ]
# strcoll ends at a zero byte, so that there are ties.
?SORT $l ALPHA [ ( ASC | DESC ) ]
=SORT $l ALPHA [ GET # ] GET s* STORE $l
=SORT ( $t | $z ) [ LIMIT $c $c ] [ ( ASC | DESC ) ]
?SORT ( $t | $z ) ALPHA [ ( ASC | DESC ) ]
?SORT $l BY nosort [ GET h*->f1 ]
?SORT_RO $l ALPHA [ DESC ]
=SELECT $db *1
=SWAPDB $db $db *1
=FLUSHDB *1
=PING [ $v ] *1
=ECHO $v *1
`)
