import type { LocatedError } from '@meridian/fleet';
import { canonicalJson, sha256Digest, utf8Bytes } from '@meridian/manifests';
import { refuse } from '../refusal.ts';
import { identityIn, type FileTree } from '../tree.ts';

/** What a chart is rendered with; all that its output depends on beside its files. */
export interface ChartSettings {
  /** The directory of the chart in the tree. */
  readonly dir: string;
  /** Texts of values files; a later one wins over an earlier one. */
  readonly values: readonly string[];
  readonly releaseName?: string;
  readonly nameTemplate?: string;
  readonly namespace?: string;
  readonly kubeVersion?: string;
  readonly apiVersions: readonly string[];
  readonly includeCrds: boolean;
  readonly skipHooks: boolean;
  readonly skipTests: boolean;
}

/** A chart that a build needs rendered. Equal keys mean equal output. */
export interface ChartRequest extends ChartSettings {
  readonly key: string;
  /** Paths of the chart's files below its directory. */
  readonly files: readonly string[];
}

/** What a chart gave, as helm prints it, or why it gave nothing. */
export type ChartOutput = { readonly text: string } | { readonly errors: readonly LocatedError[] };

/** Outputs of charts that were rendered beforehand. What is undefined has to be rendered before the build can end. */
export type ChartOutputs = (request: ChartRequest) => ChartOutput | undefined;

const mostFiles = 5_000;
const deepest = 32;

/** A request for the chart in a directory of a tree, named by its files' identities and its settings. */
export function chartRequest(tree: FileTree, settings: ChartSettings): ChartRequest {
  const files = filesBelow(tree, settings.dir, 0);
  if (files.length > mostFiles)
    refuse({
      file: settings.dir,
      message: `the chart holds more than ${mostFiles} files`,
      fix: 'remove what it does not need',
    });
  const identities = files.map((path) => [path, identityIn(tree, `${settings.dir}/${path}`)] as const);
  const content = canonicalJson({ ...settings, files: Object.fromEntries(identities) });
  return { ...settings, files, key: sha256Digest(utf8Bytes(content)) };
}

function filesBelow(tree: FileTree, dir: string, depth: number): string[] {
  if (depth > deepest)
    refuse({ file: dir, message: `the chart nests deeper than ${deepest} levels`, fix: 'flatten it' });
  return (tree.list(dir) ?? []).flatMap((name) => {
    const path = `${dir}/${name}`;
    if (!tree.list(path)) return [name];
    return filesBelow(tree, path, depth + 1).map((below) => `${name}/${below}`);
  });
}

/** The files of a chart that is wanted, with their content; or what of them is no plain file. */
export function chartFiles(
  tree: FileTree,
  { dir, files }: ChartRequest,
):
  | { readonly files: ReadonlyMap<string, string | Uint8Array> }
  | { readonly errors: readonly LocatedError[] } {
  const errors: LocatedError[] = [];
  const contents = new Map<string, string | Uint8Array>();
  for (const path of files) {
    const file = `${dir}/${path}`;
    const content = tree.readFile(file) ?? tree.readBytes?.(file);
    if (content !== undefined) contents.set(path, content);
    else {
      const message = tree.unreadable?.(file) ?? `${file} cannot be read`;
      errors.push({ file, message, fix: 'commit it as a plain file' });
    }
  }
  return errors.length > 0 ? { errors } : { files: contents };
}
