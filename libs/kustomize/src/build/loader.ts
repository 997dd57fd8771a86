import { refuse } from '../refusal.ts';
import { joinPath, parentOf, pathProblem, type FileTree } from '../tree.ts';
import { textOfUtf16 } from '../values/utf16.ts';
import type { Place } from './step.ts';

/** What a build may read. */
export interface Reach {
  readonly tree: FileTree;
  /** Files must be in or below the directory of their kustomization (`LoadRestrictionsRootOnly`, kustomize's default). */
  readonly rootOnly: boolean;
}

const remote =
  /^[A-Za-z][\w+.-]*::?\/?\/|::|^[\w.-]+@[\w.-]+:|^(?:www\.)?(?:github|gitlab|bitbucket)\.(?:com|org)[/:]|[?&]ref=|\.git(?:\/|$)|_git\//;

/**
 * Reads what kustomizations name, by paths relative to a directory, its root. Bases get loaders of their own, so that
 * cycles are seen (api/internal/loader/fileloader.go). Nothing outside the tree is ever read.
 */
export class Loader {
  readonly root: string;
  readonly #reach: Reach;
  /** The roots on the way here, this one last. */
  readonly #path: readonly string[];

  constructor(reach: Reach, root: string, path: readonly string[] = []) {
    this.#reach = reach;
    this.root = root;
    this.#path = [...path, root];
  }

  /** Whether files must be in or below the directory of their kustomization. */
  get isRootOnly(): boolean {
    return this.#reach.rootOnly;
  }

  /** A text that is the same for the same directory reached in the same way. */
  get way(): string {
    return this.#path.join(' > ');
  }

  /** How many kustomizations are between the first one and this. */
  get depth(): number {
    return this.#path.length - 1;
  }

  /** Names in the root. */
  names(): readonly string[] {
    return this.#reach.tree.list(this.root) ?? [];
  }

  /** The path that `path` means in the tree. */
  resolve(path: string, place: Place): string {
    const full = this.#named(path) ?? this.#resolved(path, place);
    return this.#reach.tree.real?.(full) ?? full;
  }

  /** Most paths are names of files beside the kustomization. */
  #named(path: string): string | undefined {
    if (!/^\w[\w-]*(?:\.ya?ml)?$/.test(path)) return undefined;
    return this.root === '' ? path : `${this.root}/${path}`;
  }

  #resolved(path: string, place: Place): string {
    if (remote.test(path))
      refuse({
        ...place,
        message: `the remote base ${clip(path)} is refused`,
        fix: 'commit a copy into the repository; a revision must hold all it renders',
      });
    const problem = pathProblem(path);
    if (problem !== undefined)
      refuse({
        ...place,
        message: `${problem}: ${clip(path)}`,
        fix: 'write a relative path inside the repository',
      });
    return (
      joinPath(this.root, path) ??
      refuse({
        ...place,
        message: `${clip(path)} leaves the repository`,
        fix: 'name a path inside the repository',
      })
    );
  }

  /** Whether a base is, or holds, a directory on the way to this one. */
  isOnTheWay(roots: readonly string[]): boolean {
    const above = this.#path.slice(0, -1);
    return roots.some((root) => above.some((each) => isInOrBelow(each, root)));
  }

  /** Text of a file, or its bytes when it is no UTF-8. */
  content(path: string, place: Place): string | Uint8Array {
    const full = this.resolve(path, place);
    const { tree } = this.#reach;
    const content = tree.readFile(full) ?? tree.readBytes?.(full) ?? this.#refuseMissing(full, place);
    this.#checkReach(full, path, place);
    return content;
  }

  /** Text of a file of YAML or JSON; go-yaml also reads UTF-16. */
  text(path: string, place: Place): string {
    const content = this.content(path, place);
    const text = typeof content === 'string' ? content : textOfUtf16(content);
    if (text !== undefined) return text;
    refuse({ ...place, message: `${path} is not valid UTF-8 text`, fix: 'save it as UTF-8' });
  }

  /** Refuses a file that is not in or below the root; whether it is there at all is told first. */
  checkFile(path: string, place: Place): void {
    const full = this.resolve(path, place);
    if (this.#reach.rootOnly && !isInOrBelow(parentOf(full), this.root)) this.content(path, place);
  }

  #checkReach(full: string, path: string, place: Place): void {
    if (!this.#reach.rootOnly || isInOrBelow(parentOf(full), this.root)) return;
    refuse({
      ...place,
      message: `the file ${clip(path)} is outside ${this.#reach.tree.shown?.(this.root) ?? this.root}`,
      fix: 'move the file below the kustomization, or list its directory as a resource',
    });
  }

  /** Whether a path names a directory. */
  isDirectory(path: string, place: Place): boolean {
    return path !== '' && this.#reach.tree.list(this.resolve(path, place)) !== undefined;
  }

  /** A loader for the directory that a kustomization names. */
  base(path: string, place: Place): Loader {
    if (path === '')
      refuse({ ...place, message: 'the path is empty', fix: 'name a directory or remove the entry' });
    const root = this.resolve(path, place);
    if (!this.#reach.tree.list(root)) this.#refuseMissing(root, place);
    const above = this.#path.find((each) => isInOrBelow(each, root));
    if (above !== undefined) this.#refuseCycle(root, place);
    return new Loader(this.#reach, root, this.#path);
  }

  #refuseCycle(root: string, place: Place): never {
    const start = Math.max(this.#path.indexOf(root), 0);
    const cycle = [...this.#path.slice(start), root].map((step) => (step === '' ? '.' : step)).join(' -> ');
    refuse({ ...place, message: `the bases form a cycle: ${cycle}`, fix: 'remove one of its links' });
  }

  /** Refuses a path that is not there, or says what it is instead of a plain file. */
  #refuseMissing(path: string, place: Place): never {
    const { tree } = this.#reach;
    const unreadable = tree.unreadable?.(path);
    if (unreadable !== undefined) refuse({ ...place, message: unreadable, fix: 'commit it as a plain file' });
    const shown = tree.shown?.(path) ?? path;
    const message = tree.list(path)
      ? `${shown} is a directory where a file is wanted`
      : `${shown} does not exist`;
    refuse({ ...place, message, fix: `add ${shown} or correct the path` });
  }
}

function isInOrBelow(path: string, dir: string): boolean {
  return dir === '' || path === dir || path.startsWith(`${dir}/`);
}

function clip(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}...` : path);
}
