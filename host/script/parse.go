package script

import (
	"fmt"
	"strconv"

	"github.com/yuin/gopher-lua/ast"
)

// The limits of Lua 5.1's own compiler.
const (
	maxLevels   = 200
	maxLocals   = 200
	maxUpvalues = 60
)

// The functions that stand for operators in compiled scripts: see [compile].
// No script can name them.
const (
	nameConcat = "(concat)"
	nameMod    = "(mod)"
	nameFor    = "(for)"
	nameTable  = "(table)"
)

// parser makes the syntax tree of a chunk. gopher-lua has a parser too, but
// its messages, its depth and its language (goto) are not those of Lua 5.1.
type parser struct {
	lexer
	levels int
	fn     *funcScope
}

// funcScope counts what Lua limits in a function.
type funcScope struct {
	parent *funcScope
	line   int
	locals []string
	upvals map[string]bool
	vararg bool
	loops  int
}

// parse returns the statements of a chunk; the error's text is Lua's.
func parse(src, chunkname string) (stmts []ast.Stmt, lines int, err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*syntaxError)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	p := &parser{lexer: *newLexer(src, chunkname)}
	p.fn = &funcScope{vararg: true, upvals: map[string]bool{}}
	p.next()
	stmts = p.chunk()
	p.check(tkEOS)
	return stmts, p.line, nil
}

func (p *parser) enter() {
	if p.levels++; p.levels > maxLevels {
		p.fail("chunk has too many syntax levels")
	}
}

func (p *parser) leave() { p.levels-- }

func (p *parser) expected(t token) { p.unexpected("'" + t.text() + "' expected") }

func (p *parser) check(t token) {
	if p.tok != t {
		p.expected(t)
	}
}

func (p *parser) take(t token) {
	p.check(t)
	p.next()
}

func (p *parser) accept(t token) bool {
	if p.tok != t {
		return false
	}
	p.next()
	return true
}

// match takes the token that closes what open began in line.
func (p *parser) match(what, open token, line int) {
	if p.tok == what {
		p.next()
		return
	}
	if line == p.line {
		p.expected(what)
	}
	p.unexpected(fmt.Sprintf("'%s' expected (to close '%s' at line %d)", what.text(), open.text(), line))
}

func (p *parser) ident() string {
	p.check(tkName)
	s := p.str
	p.next()
	return s
}

func (p *parser) limit(what string, n int) {
	if p.fn.line == 0 {
		p.fail(fmt.Sprintf("main function has more than %d %s", n, what))
	}
	p.fail(fmt.Sprintf("function at line %d has more than %d %s", p.fn.line, n, what))
}

// declare makes names local from here on. ahead counts those that are declared
// but not yet in scope.
func (p *parser) declare(names ...string) {
	p.fn.locals = append(p.fn.locals, names...)
}

func (p *parser) room(more int) {
	if len(p.fn.locals)+more > maxLocals {
		p.limit("local variables", maxLocals)
	}
}

// refer notes the use of a name, for the limit of upvalues.
func (p *parser) refer(name string) {
	for f := p.fn; f != nil; f = f.parent {
		for i := len(f.locals) - 1; i >= 0; i-- {
			if f.locals[i] != name {
				continue
			}
			for g := p.fn; g != f; g = g.parent {
				if !g.upvals[name] {
					if len(g.upvals) >= maxUpvalues {
						p.fn = g
						p.limit("upvalues", maxUpvalues)
					}
					g.upvals[name] = true
				}
			}
			return
		}
	}
}

func at[T ast.PositionHolder](n T, line, last int) T {
	n.SetLine(line)
	n.SetLastLine(last)
	return n
}

func (p *parser) blockFollows() bool {
	switch p.tok {
	case tkElse, tkElseif, tkEnd, tkUntil, tkEOS:
		return true
	}
	return false
}

func (p *parser) chunk() []ast.Stmt {
	p.enter()
	var stmts []ast.Stmt
	for last := false; !last && !p.blockFollows(); {
		var s ast.Stmt
		s, last = p.statement()
		if s != nil {
			stmts = append(stmts, s)
		}
		p.accept(';')
	}
	p.leave()
	return stmts
}

func (p *parser) block() []ast.Stmt {
	n := len(p.fn.locals)
	s := p.chunk()
	p.fn.locals = p.fn.locals[:n]
	return s
}

func (p *parser) statement() (s ast.Stmt, last bool) {
	line := p.line
	switch p.tok {
	case tkIf:
		return p.ifStatement(line), false
	case tkWhile:
		p.next()
		cond := p.expr()
		p.take(tkDo)
		body := p.loop()
		p.match(tkEnd, tkWhile, line)
		return at(&ast.WhileStmt{Condition: cond, Stmts: body}, line, p.last), false
	case tkDo:
		p.next()
		body := p.block()
		p.match(tkEnd, tkDo, line)
		return at(&ast.DoBlockStmt{Stmts: body}, line, p.last), false
	case tkFor:
		return p.forStatement(line), false
	case tkRepeat:
		p.next()
		n := len(p.fn.locals)
		p.fn.loops++
		body := p.chunk()
		p.fn.loops--
		p.match(tkUntil, tkRepeat, line)
		cond := p.expr()
		p.fn.locals = p.fn.locals[:n]
		return at(&ast.RepeatStmt{Condition: cond, Stmts: body}, line, p.last), false
	case tkFunction:
		return p.functionStatement(line), false
	case tkLocal:
		p.next()
		if p.accept(tkFunction) {
			name := p.ident()
			p.room(1)
			p.declare(name)
			f := p.body(false, line)
			return at(&ast.LocalAssignStmt{Names: []string{name}, Exprs: []ast.Expr{f}}, line, p.last), false
		}
		return p.localStatement(line), false
	case tkReturn:
		p.next()
		var exprs []ast.Expr
		if !p.blockFollows() && p.tok != ';' {
			exprs = p.exprList()
		}
		return at(&ast.ReturnStmt{Exprs: exprs}, line, p.last), true
	case tkBreak:
		p.next()
		if p.fn.loops == 0 {
			p.unexpected("no loop to break")
		}
		return at(&ast.BreakStmt{}, line, line), true
	}
	return p.exprStatement(line), false
}

func (p *parser) loop() []ast.Stmt {
	p.fn.loops++
	s := p.block()
	p.fn.loops--
	return s
}

func (p *parser) ifStatement(line int) ast.Stmt {
	start := p.line
	p.next()
	cond := p.expr()
	p.take(tkThen)
	s := at(&ast.IfStmt{Condition: cond, Then: p.block()}, start, start)
	switch p.tok {
	case tkElseif:
		s.Else = []ast.Stmt{p.ifStatement(line)}
		return s
	case tkElse:
		p.next()
		s.Else = p.block()
	}
	p.match(tkEnd, tkIf, line)
	s.SetLastLine(p.last)
	return s
}

func (p *parser) forStatement(line int) ast.Stmt {
	p.next()
	first := p.ident()
	n := len(p.fn.locals)
	defer func() { p.fn.locals = p.fn.locals[:n] }()
	switch p.tok {
	case '=':
		p.next()
		s := &ast.NumberForStmt{Name: first}
		s.Init = p.forNumber(p.expr(), "initial value")
		p.take(',')
		s.Limit = p.forNumber(p.expr(), "limit")
		if p.accept(',') {
			s.Step = p.forNumber(p.expr(), "step")
		}
		p.room(4)
		p.declare("(for index)", "(for limit)", "(for step)", first)
		p.take(tkDo)
		s.Stmts = p.loop()
		p.match(tkEnd, tkFor, line)
		return at(s, line, p.last)
	case ',', tkIn:
		names := []string{first}
		for p.accept(',') {
			names = append(names, p.ident())
		}
		p.take(tkIn)
		exprs := p.exprList()
		p.room(3 + len(names))
		p.declare("(for generator)", "(for state)", "(for control)")
		p.declare(names...)
		p.take(tkDo)
		body := p.loop()
		p.match(tkEnd, tkFor, line)
		return at(&ast.GenericForStmt{Names: names, Exprs: exprs, Stmts: body}, line, p.last)
	}
	p.unexpected("'=' or 'in' expected")
	return nil
}

// forNumber has a bound of a loop looked at before the loop begins: Lua
// converts strings, and has a message for each bound.
func (p *parser) forNumber(e ast.Expr, what string) ast.Expr {
	if _, ok := e.(*ast.NumberExpr); ok {
		return e
	}
	return p.helper(nameFor, e.Line(), true, e, at(&ast.StringExpr{Value: what}, e.Line(), e.Line()))
}

// helper is a call of one of the functions that stand for operators.
func (p *parser) helper(name string, line int, adjust bool, args ...ast.Expr) ast.Expr {
	f := at(&ast.IdentExpr{Value: name}, line, line)
	return at(&ast.FuncCallExpr{Func: f, Args: args, AdjustRet: adjust}, line, line)
}

func (p *parser) functionStatement(line int) ast.Stmt {
	p.next()
	name := p.ident()
	p.refer(name)
	var e ast.Expr = at(&ast.IdentExpr{Value: name}, line, line)
	fn := &ast.FuncName{}
	for p.tok == '.' || p.tok == ':' {
		method := p.tok == ':'
		p.next()
		key := p.ident()
		if method {
			fn.Receiver, fn.Method = e, key
			break
		}
		e = p.attr(e, key)
	}
	if fn.Receiver == nil {
		fn.Func = e
	}
	f := p.body(fn.Receiver != nil, line)
	return at(&ast.FuncDefStmt{Name: fn, Func: f}, line, line)
}

func (p *parser) attr(object ast.Expr, key string) ast.Expr {
	k := at(&ast.StringExpr{Value: key}, p.last, p.last)
	return at(&ast.AttrGetExpr{Object: object, Key: k}, p.last, p.last)
}

func (p *parser) localStatement(line int) ast.Stmt {
	names := []string{}
	for {
		names = append(names, p.ident())
		p.room(len(names))
		if !p.accept(',') {
			break
		}
	}
	var exprs []ast.Expr
	if p.accept('=') {
		exprs = p.exprList()
	}
	p.declare(names...)
	return at(&ast.LocalAssignStmt{Names: names, Exprs: exprs}, line, p.last)
}

func (p *parser) exprStatement(line int) ast.Stmt {
	e := p.primary()
	if call, ok := e.(*ast.FuncCallExpr); ok && !call.AdjustRet {
		return at(&ast.FuncCallStmt{Expr: e}, line, p.last)
	}
	lhs := []ast.Expr{e}
	for {
		switch x := lhs[len(lhs)-1].(type) {
		case *ast.IdentExpr, *ast.AttrGetExpr:
		default:
			_ = x
			p.unexpected("syntax error")
		}
		if !p.accept(',') {
			break
		}
		lhs = append(lhs, p.primary())
		if len(lhs) > maxLevels-p.levels {
			p.limit("variables in assignment", maxLevels-p.levels)
		}
	}
	p.take('=')
	return p.assign(line, lhs, p.exprList())
}

// assign is an assignment. gopher-lua's compiler assigns to local variables
// while it still has values to read from them: those assignments go by way of
// variables of their own.
func (p *parser) assign(line int, lhs, rhs []ast.Expr) ast.Stmt {
	plain := at(&ast.AssignStmt{Lhs: lhs, Rhs: rhs}, line, p.last)
	named := false
	for _, e := range lhs {
		if _, ok := e.(*ast.IdentExpr); ok {
			named = true
		}
	}
	if !named || len(lhs) == 1 && len(rhs) == 1 && !readsLate(rhs[0]) {
		return plain
	}
	var stmts []ast.Stmt
	hidden := func(kind string, i int) *ast.IdentExpr {
		return at(&ast.IdentExpr{Value: "(" + kind + strconv.Itoa(i) + ")"}, line, line)
	}
	store := func(to []*ast.IdentExpr, values []ast.Expr) {
		s := &ast.LocalAssignStmt{Exprs: values}
		for _, e := range to {
			s.Names = append(s.Names, e.Value)
		}
		stmts = append(stmts, at(s, line, p.last))
	}
	var parts []*ast.IdentExpr
	var partValues []ast.Expr
	targets := make([]ast.Expr, len(lhs))
	values := make([]*ast.IdentExpr, len(lhs))
	for i, e := range lhs {
		values[i] = hidden("value", i)
		targets[i] = e
		g, ok := e.(*ast.AttrGetExpr)
		if !ok {
			continue
		}
		object := hidden("object", i)
		parts, partValues = append(parts, object), append(partValues, single(g.Object))
		key := g.Key
		if _, ok := key.(*ast.StringExpr); !ok {
			k := hidden("key", i)
			parts, partValues = append(parts, k), append(partValues, single(g.Key))
			key = k
		}
		targets[i] = at(&ast.AttrGetExpr{Object: object, Key: key}, g.Line(), g.LastLine())
	}
	if len(parts) > 0 {
		store(parts, partValues)
	}
	store(values, rhs)
	for i := len(lhs) - 1; i >= 0; i-- {
		stmts = append(stmts, at(&ast.AssignStmt{Lhs: targets[i : i+1], Rhs: []ast.Expr{values[i]}}, line, p.last))
	}
	return at(&ast.DoBlockStmt{Stmts: stmts}, line, p.last)
}

// readsLate tells the expressions whose parts would be read after the variable
// that they are assigned to has been used for something else.
func readsLate(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.LogicalOpExpr:
		return true
	case *ast.FuncCallExpr:
		return x.AdjustRet
	}
	return false
}

func (p *parser) exprList() []ast.Expr {
	list := []ast.Expr{p.expr()}
	for p.accept(',') {
		list = append(list, p.expr())
	}
	return list
}

// body is a function from its parameters on.
func (p *parser) body(method bool, line int) *ast.FunctionExpr {
	f := &ast.FunctionExpr{ParList: &ast.ParList{}}
	p.fn = &funcScope{parent: p.fn, line: line, upvals: map[string]bool{}}
	p.take('(')
	if method {
		p.declare("self")
	}
	if p.tok != ')' {
		for {
			switch p.tok {
			case tkName:
				p.room(1)
				name := p.ident()
				f.ParList.Names = append(f.ParList.Names, name)
				p.declare(name)
			case tkDots:
				p.next()
				f.ParList.HasVargs = true
				p.fn.vararg = true
			default:
				p.unexpected("<name> or '...' expected")
			}
			if f.ParList.HasVargs || !p.accept(',') {
				break
			}
		}
	}
	if f.ParList.HasVargs {
		p.declare("arg")
	}
	p.take(')')
	f.Stmts = p.chunk()
	last := p.line
	p.match(tkEnd, tkFunction, line)
	p.fn = p.fn.parent
	return at(f, line, last)
}
