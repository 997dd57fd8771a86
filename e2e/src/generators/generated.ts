import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** Files that a generator makes: their texts by path below the repository, and the folders that hold nothing else. */
export interface Generated {
  readonly files: ReadonlyMap<string, string>;
  readonly folders: readonly string[];
}

/** One sentence for each file below `root` that is missing, differs, or is no longer generated. */
export async function differences(root: string, generated: Generated): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [path, text] of generated.files) {
    const present = await textOf(join(root, path));
    if (present === undefined) found.push(`${path} is missing`);
    else if (present !== text) found.push(`${path} is out of date`);
  }
  for (const path of await leftovers(root, generated)) found.push(`${path} is no longer generated`);
  return found;
}

/** Writes what differs below `root` and removes what is no longer generated. Gives the sentences of `differences`. */
export async function writeGenerated(root: string, generated: Generated): Promise<readonly string[]> {
  const found = await differences(root, generated);
  for (const [path, text] of generated.files) {
    if ((await textOf(join(root, path))) === text) continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  for (const path of await leftovers(root, generated)) await rm(join(root, path));
  return found;
}

/** All files below a folder, as sorted paths relative to it; none when the folder does not exist. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

async function leftovers(root: string, generated: Generated): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of generated.folders) {
    const paths = (await filesBelow(join(root, folder))).map((path) => join(folder, path));
    found.push(...paths.filter((path) => !generated.files.has(path)));
  }
  return found;
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
