import type { Application, Cluster, HelmSource } from '@meridian/fleet';
import type { RootChanges } from '../overrides/root-changes.ts';
import { fillPattern } from '../overlay.ts';
import { refuse } from '../refusal.ts';
import { joinPath, pathProblem, type FileTree } from '../tree.ts';
import { goJson } from '../values/json.ts';
import { filledValues } from './filled-values.ts';
import { valuesIn } from './values.ts';

/** What values are looked up for, and where. */
export interface ValuesRequest {
  readonly tree: FileTree;
  readonly application: Application;
  readonly cluster: Cluster;
  /** That of the application. */
  readonly helm: HelmSource;
}

/**
 * Texts of all values that a chart of an application gets in a cluster, a later one over an earlier one: those of its files
 * in their order, then those written in the application, then those of the overrides that select the cluster. A file whose
 * path has variables need not exist: that is what they are for. Refuses other files that are missing, what is no mapping, and
 * variables that the cluster does not have.
 */
export function chartValues(request: ValuesRequest, changes: RootChanges | undefined): readonly string[] {
  const { valuesFiles, values } = request.helm;
  const texts = valuesFiles.flatMap((pattern, index) => textsOf(pattern, index, request));
  const inline = [
    { values, path: ['spec', 'source', 'helm', 'values'] },
    ...(changes?.layers.overrides ?? []).flatMap(({ index, helm }) =>
      helm ? [{ values: helm.values, path: ['spec', 'source', 'overrides', index, 'helm', 'values'] }] : [],
    ),
  ];
  const place = { file: request.application.path, cluster: changes?.variablesOf };
  return [
    ...texts,
    ...inline
      .filter((each) => Object.keys(each.values).length > 0)
      .map((each) => goJson(filledValues(each, place))),
  ];
}

function textsOf(pattern: string, index: number, { tree, application, cluster }: ValuesRequest): string[] {
  const place = helmPlace(application, `valuesFiles[${index}]`);
  const filled = fillPattern(pattern, cluster, 'values file');
  if ('problem' in filled) refuse({ ...place, message: filled.problem, fix: filled.fix });
  const file = pathInside(application, filled.path);
  if (file === undefined)
    refuse({
      ...place,
      message: `the values file ${filled.path} is outside ${application.path}`,
      fix: 'name a file below it',
    });
  const text = tree.readFile(file);
  if (text !== undefined) {
    valuesIn(text, file);
    return [text];
  }
  const unreadable = tree.unreadable?.(file);
  if (unreadable !== undefined) refuse({ file, message: unreadable, fix: 'commit it as a plain file' });
  if (filled.path !== pattern) return [];
  refuse({
    ...place,
    message: `the values file ${file} does not exist`,
    fix: `add ${file}, or correct the path`,
  });
}

/** The place of a field of `spec.source.helm`. */
export function helmPlace(application: Application, field: string): { file: string; field: string } {
  return { file: application.path, field: `spec.source.helm.${field}` };
}

/** A path below the directory of an application; undefined when it leads out. */
export function pathInside({ path }: Application, below: string): string | undefined {
  const joined = pathProblem(below) === undefined ? joinPath(path, below) : undefined;
  return joined === path || joined?.startsWith(`${path}/`) === true ? joined : undefined;
}
