import type { ASTNode } from '@marcbachmann/cel-js';

/** A node and all that is inside of it, arguments of macros included. */
export function* everyNode(node: ASTNode): Iterable<ASTNode> {
  yield node;
  for (const inside of childrenOf(node)) yield* everyNode(inside);
}

/** Whether nodes nest in more levels than that. It does not call itself, so it bears any tree. */
export function isTreeDeeperThan(root: ASTNode, levels: number): boolean {
  let level: readonly ASTNode[] = [root];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > levels) return true;
    level = level.flatMap(childrenOf);
  }
  return false;
}

/** Where the bracket of a call is: behind its receiver, when it has one. */
export function bracketOf(node: ASTNode): number {
  const from = node.op === 'rcall' ? node.args[1].end : node.start;
  return Math.max(node.input.indexOf('(', from), 0);
}

/** The nodes right inside of a node. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}
