// oxlint-disable typescript/no-deprecated -- dependency-cruiser builds upon this visitor, deprecated or not.
import { Visitor } from '@swc/core/Visitor.js'

interface UsingDeclaration {
  readonly type: 'UsingDeclaration'
  readonly decls: Parameters<Visitor['visitVariableDeclarators']>[0]
}

/** Teaches the visitor that dependency-cruiser builds upon the statement `using`, which it would throw at. */
export function teachUsing(): void {
  const { visitStatement } = Visitor.prototype
  Visitor.prototype.visitStatement = function (this: Visitor, statement) {
    // The parser gives this statement, its own types leave it out.
    const node = statement as typeof statement | UsingDeclaration
    if (node.type !== 'UsingDeclaration') return visitStatement.call(this, statement)
    this.visitVariableDeclarators(node.decls)
    return statement
  }
}
