import type { MadeTree } from './made-tree.ts';

/** Says whether a smaller tree still shows what is looked for. */
export type Keeps = (tree: MadeTree) => Promise<boolean>;

/**
 * Takes away files, then documents and blocks of lines, for as long as `keeps` agrees, and gives the small tree.
 * It asks `most` times at the most.
 */
export async function shrink(tree: MadeTree, keeps: Keeps, most = 400): Promise<MadeTree> {
  let small = tree;
  let asked = 0;
  for (let before = ''; before !== JSON.stringify(small);) {
    before = JSON.stringify(small);
    for (const smaller of smallerTrees()) {
      if (asked >= most) return small;
      asked += 1;
      if (await keeps(smaller)) small = smaller;
    }
  }
  return small;

  function* smallerTrees(): Generator<MadeTree> {
    for (const path of Object.keys(small.files)) {
      const { [path]: _gone, ...files } = small.files;
      yield { ...small, files };
    }
    for (const path of Object.keys(small.files)) yield* smallerFiles(path);
  }

  function* smallerFiles(path: string): Generator<MadeTree> {
    for (let line = 0; line < linesOf(path).length;) {
      const lines = linesOf(path);
      const end = blockEnd(lines, line);
      const files = { ...small.files, [path]: [...lines.slice(0, line), ...lines.slice(end)].join('\n') };
      yield { ...small, files };
      // When the block was let go, the next one now stands at the same line.
      if (linesOf(path).length === lines.length) line += 1;
    }
  }

  function linesOf(path: string): readonly string[] {
    return (small.files[path] ?? '').split('\n');
  }
}

/** The end of a line's block: the lines after it that stand further right, and a list under its key. */
function blockEnd(lines: readonly string[], start: number): number {
  const first = lines[start] ?? '';
  const indent = indentOf(first);
  let end = start + 1;
  while (end < lines.length && belongs(lines[end] ?? '', indent, first)) end += 1;
  return end;
}

function belongs(line: string, indent: number, first: string): boolean {
  if (line.trim() === '') return false;
  if (indentOf(line) > indent) return true;
  return indentOf(line) === indent && /^\s*- /.test(line) && /^\s*[^-\s].*:$/.test(first);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
