import { isJsonObject, listItems, parseYaml, type Json, type YamlDocument } from '@meridian/manifests';
import { Refusal, refuse } from './refusal.ts';
import { remembered } from './remembered.ts';
import { newResource, type Resource } from './resource.ts';
import { joinPath, pathProblem, type FileTree } from './tree.ts';
import { copyFields } from './value.ts';

/** A place in a kustomization that names a file. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly field?: string;
}

/** The path that a kustomization in `dir` means by `path`; a path out of the repository is refused at `place`. */
export function repoPath(dir: string, path: string, place: Place): string {
  const remote =
    /^[A-Za-z][\w+.-]*::?\/?\/|::|^[\w.-]+@[\w.-]+:|^(?:github|gitlab|bitbucket)\.(?:com|org)[/:]|[?&]ref=|\.git(?:\/|$)/.test(
      path,
    );
  if (remote) {
    refuse({
      ...place,
      message: `the remote base ${clip(path)} is refused`,
      fix: 'commit a copy into the repository; a revision must hold all it renders',
    });
  }
  const problem = pathProblem(path);
  if (problem !== undefined)
    refuse({
      ...place,
      message: `${problem}: ${clip(path)}`,
      fix: 'write a relative path inside the repository',
    });
  const joined = joinPath(dir, path);
  if (joined === undefined) {
    refuse({
      ...place,
      message: `${clip(path)} leaves the repository`,
      fix: 'name a path inside the repository',
    });
  }
  return joined;
}

function clip(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}...` : path);
}

/** Text of a file that a kustomization names. As in kustomize, it must be at or below the kustomization's directory. */
export function readNamed(tree: FileTree, dir: string, path: string, place: Place): string {
  const full = repoPath(dir, path, place);
  if (dir !== '' && !full.startsWith(`${dir}/`)) {
    refuse({
      ...place,
      message: `the file ${clip(path)} is outside ${dir}`,
      fix: 'move the file below the kustomization, or list its directory as a resource',
    });
  }
  const text = tree.readFile(full);
  return text ?? refuseMissing(tree, full, place);
}

/** Refuses a path that is not there, or says what it is instead of a plain file. */
export function refuseMissing(tree: FileTree, path: string, place: Place): never {
  const unreadable = tree.unreadable?.(path);
  if (unreadable !== undefined) refuse({ ...place, message: unreadable, fix: 'commit it as a plain file' });
  const message = tree.list(path)
    ? `${path} is a directory where a file is wanted`
    : `${path} does not exist`;
  refuse({ ...place, message, fix: `add ${path} or correct the path` });
}

/** The documents of a file of the tree, empty ones left out. */
export function documentsOf(tree: FileTree, path: string, text: string): readonly YamlDocument[] {
  return remembered(tree, `resource ${path}`, () => parseDocuments(text, path));
}

function parseDocuments(text: string, file: string): readonly YamlDocument[] {
  const parsed = parseYaml(text, file);
  if ('errors' in parsed) throw new Refusal(parsed.errors);
  return parsed.documents.filter(({ value }) => value !== null);
}

/** The resources of documents, in order; the items of `List` kinds come after everything else, as in kustomize. */
export function resourcesOf(documents: readonly YamlDocument[], file: string): Resource[] {
  interface Waiting {
    readonly value: Json;
    readonly document: YamlDocument;
    readonly path: readonly (string | number)[];
  }
  const queue: Waiting[] = documents.map((document) => ({ value: document.value, document, path: [] }));
  const resources: Resource[] = [];
  for (const { value, document, path } of queue) {
    const items = listItems(value);
    if (items)
      queue.push(...items.map((item, index) => ({ value: item, document, path: [...path, 'items', index] })));
    else resources.push(resourceOf(value, { file, line: document.lineOf(path) }, path.length > 0));
  }
  return resources;
}

function resourceOf(value: Json, origin: Resource['origin'], inList: boolean): Resource {
  if (!isJsonObject(value)) {
    const what = inList ? 'an item of the list' : 'the document';
    refuse({
      ...origin,
      message: `${what} is no Kubernetes object`,
      fix: 'start with apiVersion, kind and metadata',
    });
  }
  if (typeof value['kind'] !== 'string' || value['kind'] === '')
    refuse({ ...origin, field: 'kind', message: 'kind is missing', fix: 'add kind' });
  const metadata = value['metadata'];
  const name = isJsonObject(metadata) ? metadata['name'] : undefined;
  if (typeof name !== 'string' || name === '') {
    refuse({
      ...origin,
      field: 'metadata.name',
      message: 'metadata.name is missing or no text',
      fix: 'add metadata.name',
    });
  }
  return newResource(copyFields(value), origin);
}
