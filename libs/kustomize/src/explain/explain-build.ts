import type { LocatedError } from '@meridian/fleet';
import { buildKustomization, type BuildOptions } from '../build/build.ts';
import type { Resource } from '../resources/resource.ts';
import type { FileTree } from '../tree.ts';
import { chooseObject } from './choose-object.ts';
import { wholly, type Explained, type WhollyExplained } from './explain-application.ts';
import { explainFields, namedOf } from './explain-object.ts';
import { Provenance } from './provenance.ts';

/** Which kustomization is built, and how. */
export interface ExplainedBuild {
  readonly tree: FileTree;
  /** Its directory. */
  readonly root: string;
  readonly options: Omit<BuildOptions, 'cache' | 'provenance'>;
}

/** What is asked: an object such as `deployment/web`, and a field such as `.spec.replicas`, '' for all. */
export interface AskedField {
  readonly object: string;
  readonly field: string;
}

/** Builds a kustomization and tells what set the fields of one of its objects. */
export function explainBuild(build: ExplainedBuild, { object, field }: AskedField): Explained {
  const built = builtFor(build);
  if ('errors' in built) return built;
  const chosen = chooseObject(object, built.objects);
  return 'message' in chosen ? chosen : explainedIn(built, chosen.object, field);
}

/** As {@link explainBuild}, for all fields of all objects, in the order of the build. */
export function explainWholeBuild(build: ExplainedBuild): WhollyExplained {
  const built = builtFor(build);
  return 'errors' in built ? built : wholly(built.objects, (object) => explainedIn(built, object, ''));
}

type BuiltResource = ReturnType<typeof namedOf> & { readonly resource: Resource };

interface Noted {
  readonly provenance: Provenance;
  readonly objects: readonly BuiltResource[];
}

function builtFor({
  tree,
  root,
  options,
}: ExplainedBuild): Noted | { readonly errors: readonly LocatedError[] } {
  const provenance = new Provenance();
  const built = buildKustomization(tree, root, { ...options, provenance });
  if ('errors' in built) return built;
  return {
    provenance,
    objects: provenance.resources.map((resource) => ({ ...namedOf(resource), resource })),
  };
}

function explainedIn(
  { provenance }: Noted,
  { resource, ...object }: BuiltResource,
  field: string,
): Explained {
  const explained = explainFields(provenance, resource, field);
  return 'fields' in explained ? { object, fields: explained.fields } : explained;
}
