import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A clone that somebody works in. */
export interface WorkTree {
  /** Runs git in it; gives what git says. Throws Error when git fails. */
  git(...args: readonly string[]): string;
  /** Commits files by their paths; gives the id of the commit. */
  commitAll(files: { readonly [path: string]: string | Uint8Array }): string;
  commit(path: string, text: string): string;
}

/** Makes a repository in a directory, on the branch `main`. */
export function newWorkTree(directory: string): WorkTree {
  const identity = ['-c', 'user.name=Ada Example', '-c', 'user.email=ada@example.com'];
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', directory, ...identity, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
  const commitAll: WorkTree['commitAll'] = (files) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    }
    git('add', '-A');
    git('commit', '-q', '-m', `change ${Object.keys(files)[0] ?? 'nothing'}`);
    return git('rev-parse', 'HEAD');
  };
  mkdirSync(directory, { recursive: true });
  git('init', '-q', '-b', 'main');
  return { git, commitAll, commit: (path, text) => commitAll({ [path]: text }) };
}
