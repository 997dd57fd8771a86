import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Where a program is looked for: names on `path` (as PATH is written), paths from `cwd`. */
export interface ProgramPlaces {
  readonly cwd: string;
  readonly path: string | undefined;
}

/** The path of a helm that is told by its name or its path; undefined when there is no program. */
export function findHelm(command: string, { cwd, path = '' }: ProgramPlaces): string | undefined {
  if (command.includes('/')) return [resolve(cwd, command)].find(isProgram);
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, command)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
