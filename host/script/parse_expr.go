package script

import (
	"strconv"

	"github.com/yuin/gopher-lua/ast"
)

// primary is a name or an expression in parentheses and what follows it:
// fields, indexes, calls.
func (p *parser) primary() ast.Expr {
	line := p.line
	var e ast.Expr
	switch p.tok {
	case '(':
		p.next()
		e = p.expr()
		p.match(')', '(', line)
		switch x := e.(type) {
		case *ast.FuncCallExpr:
			x.AdjustRet = true
		case *ast.Comma3Expr:
			x.AdjustRet = true
		case *ast.IdentExpr, *ast.AttrGetExpr:
			e = &parenExpr{e}
		}
	case tkName:
		e = at(&ast.IdentExpr{Value: p.str}, line, line)
		p.refer(p.str)
		p.next()
	default:
		p.unexpected("unexpected symbol")
	}
	for {
		switch p.tok {
		case '.':
			p.next()
			e = p.attr(unparen(e), p.ident())
		case '[':
			p.next()
			key := p.expr()
			p.take(']')
			e = at(&ast.AttrGetExpr{Object: unparen(e), Key: key}, p.last, p.last)
		case ':':
			p.next()
			name := p.ident()
			call := &ast.FuncCallExpr{Receiver: unparen(e), Method: name}
			line := p.line
			call.Args = p.callArgs()
			e = at(call, line, p.last)
		case '(', tkString, '{':
			call := &ast.FuncCallExpr{Func: unparen(e)}
			line := p.line
			call.Args = p.callArgs()
			e = at(call, line, p.last)
		default:
			return e
		}
	}
}

// parenExpr keeps `(a) = 1` from being an assignment. It never leaves the
// parser.
type parenExpr struct{ ast.Expr }

func unparen(e ast.Expr) ast.Expr {
	if x, ok := e.(*parenExpr); ok {
		return x.Expr
	}
	return e
}

func (p *parser) callArgs() []ast.Expr {
	line := p.line
	switch p.tok {
	case '(':
		if line != p.last {
			p.unexpected("ambiguous syntax (function call x new statement)")
		}
		p.next()
		if p.accept(')') {
			return nil
		}
		args := p.exprList()
		p.match(')', '(', line)
		return args
	case '{':
		return []ast.Expr{p.table()}
	case tkString:
		e := at(&ast.StringExpr{Value: p.str}, line, line)
		p.next()
		return []ast.Expr{e}
	}
	p.unexpected("function arguments expected")
	return nil
}

func (p *parser) table() ast.Expr {
	line := p.line
	t := &ast.TableExpr{}
	hashed := 0
	p.take('{')
	for p.tok != '}' {
		f := &ast.Field{}
		switch {
		case p.tok == tkName && p.peek() == '=':
			f.Key = at(&ast.StringExpr{Value: p.str}, p.line, p.line)
			p.next()
			p.next()
			f.Value = p.expr()
		case p.tok == '[':
			p.next()
			f.Key = p.expr()
			p.take(']')
			p.take('=')
			f.Value = p.expr()
		default:
			f.Value = p.expr()
		}
		if f.Key != nil {
			hashed++
		}
		t.Fields = append(t.Fields, f)
		if !p.accept(',') && !p.accept(';') {
			break
		}
	}
	p.match('}', '{', line)
	at(t, line, p.last)
	if hashed < 2 {
		return t
	}
	// The order in which a table of several keys is walked depends on how much
	// room it was given at first.
	n := at(&ast.NumberExpr{Value: strconv.Itoa(hashed)}, line, line)
	return p.helper(nameTable, line, true, t, n)
}

func (p *parser) simple() ast.Expr {
	line := p.line
	var e ast.Expr
	switch p.tok {
	case tkNumber:
		e = at(&ast.NumberExpr{Value: strconv.FormatFloat(p.num, 'g', -1, 64)}, line, line)
	case tkString:
		e = at(&ast.StringExpr{Value: p.str}, line, line)
	case tkNil:
		e = at(&ast.NilExpr{}, line, line)
	case tkTrue:
		e = at(&ast.TrueExpr{}, line, line)
	case tkFalse:
		e = at(&ast.FalseExpr{}, line, line)
	case tkDots:
		if !p.fn.vararg {
			p.unexpected("cannot use '...' outside a vararg function")
		}
		e = at(&ast.Comma3Expr{}, line, line)
	case '{':
		return p.table()
	case tkFunction:
		p.next()
		return p.body(false, line)
	default:
		return unparen(p.primary())
	}
	p.next()
	return e
}

func (p *parser) expr() ast.Expr { return p.operand(0) }

// priorities are how tight the binary operators bind, on their left and right.
var priorities = map[token][2]int{
	'+': {6, 6}, '-': {6, 6}, '*': {7, 7}, '/': {7, 7}, '%': {7, 7},
	'^': {10, 9}, tkConcat: {5, 4},
	tkNe: {3, 3}, tkEq: {3, 3}, '<': {3, 3}, tkLe: {3, 3}, '>': {3, 3}, tkGe: {3, 3},
	tkAnd: {2, 2}, tkOr: {1, 1},
}

const unaryPriority = 8

// operand reads an expression whose operators bind tighter than limit.
func (p *parser) operand(limit int) ast.Expr {
	p.enter()
	var e ast.Expr
	switch op := p.tok; op {
	case tkNot, '-', '#':
		p.next()
		e = p.unary(op, p.operand(unaryPriority))
	default:
		e = p.simple()
	}
	for {
		op := p.tok
		pri, ok := priorities[op]
		if !ok || pri[0] <= limit {
			break
		}
		p.next()
		e = p.binary(op, e, p.operand(pri[1]))
	}
	p.leave()
	return e
}

func (p *parser) unary(op token, e ast.Expr) ast.Expr {
	line := p.last
	switch op {
	case tkNot:
		return at(&ast.UnaryNotOpExpr{Expr: e}, line, line)
	case '#':
		return at(&ast.UnaryLenOpExpr{Expr: e}, line, line)
	}
	return at(&ast.UnaryMinusOpExpr{Expr: e}, line, line)
}

func (p *parser) binary(op token, a, b ast.Expr) ast.Expr {
	line := p.last
	switch op {
	case tkConcat:
		// `a..b..c` is one operation, as in Lua.
		args := []ast.Expr{a}
		if c, ok := b.(*ast.FuncCallExpr); ok && isConcat(c) {
			args = append(args, c.Args...)
		} else {
			args = append(args, single(b))
		}
		args[0] = single(a)
		return p.helper(nameConcat, line, true, args...)
	case '%':
		return p.helper(nameMod, line, true, single(a), single(b))
	case tkAnd, tkOr:
		return at(&ast.LogicalOpExpr{Operator: op.text(), Lhs: a, Rhs: b}, line, line)
	case '<', '>', tkLe, tkGe, tkEq, tkNe:
		return at(&ast.RelationalOpExpr{Operator: op.text(), Lhs: a, Rhs: b}, line, line)
	}
	return at(&ast.ArithmeticOpExpr{Operator: op.text(), Lhs: a, Rhs: b}, line, line)
}

func isConcat(c *ast.FuncCallExpr) bool {
	id, ok := c.Func.(*ast.IdentExpr)
	return ok && id.Value == nameConcat
}

// single keeps the last operand of a helper from passing several values.
func single(e ast.Expr) ast.Expr {
	switch x := e.(type) {
	case *ast.FuncCallExpr:
		x.AdjustRet = true
	case *ast.Comma3Expr:
		x.AdjustRet = true
	}
	return e
}
