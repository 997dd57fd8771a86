// Cases of kstatus and Argo CD are handed over beside the repository, or where MERIDIAN_CASES says. Node does not exist for
// this package's types, so what reading them needs of it is declared here.
interface NodeFiles {
  readonly readFileSync: (path: string, encoding: 'utf8') => string;
  readonly existsSync: (path: string) => boolean;
}

const { process: host } = globalThis as unknown as {
  process: {
    env: { readonly [name: string]: string | undefined };
    stderr: { write: (text: string) => void };
    getBuiltinModule: (name: string) => NodeFiles;
  };
};

/** The cases in a file; undefined, and said so, where they are not there. */
export function upstreamCases<Case>(name: string): readonly Case[] | undefined {
  const files = host.getBuiltinModule('node:fs');
  const folder =
    host.env['MERIDIAN_CASES'] ??
    `${(import.meta as unknown as { dirname: string }).dirname}/../../../../../shared/cases`;
  const path = `${folder}/${name}`;
  if (files.existsSync(path)) return JSON.parse(files.readFileSync(path, 'utf8')) as readonly Case[];
  host.stderr.write(`${path} is not there: its cases are not run\n`);
  return undefined;
}

/** A file of this repository. */
export function repositoryFile(path: string): string {
  const root = `${(import.meta as unknown as { dirname: string }).dirname}/../../../..`;
  return host.getBuiltinModule('node:fs').readFileSync(`${root}/${path}`, 'utf8');
}
