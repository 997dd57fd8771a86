import type { ExplainedField, ExplainedObject, LocatedError } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { resolveApplication, type ApplicationRequest } from '../application.ts';
import { chooseObject } from './choose-object.ts';
import { explainFields, namedOf } from './explain-object.ts';
import { fieldTest } from './field-path.ts';
import { Provenance } from './provenance.ts';

/** Whose fields are explained, rendered for whom. */
export interface ExplainRequest extends Omit<ApplicationRequest, 'cache' | 'provenance'> {
  /** Such as `deployment/web` or `NAMESPACE/deployment/web`. */
  readonly object: string;
  /** Such as `.spec.replicas`; '' for all fields. */
  readonly field: string;
  /** The file that declares the application. */
  readonly declaredIn: string;
}

/** The fields with what set them; why the application cannot be rendered; or why object or field are none of it. */
export type Explained =
  | { readonly object: ExplainedObject; readonly fields: readonly ExplainedField[] }
  | { readonly errors: readonly LocatedError[] }
  | { readonly message: string; readonly fix: string };

/** Renders an application for a cluster, without any cache, and tells what set the fields of one of its objects. */
export function explainApplication({ object, field, declaredIn, ...request }: ExplainRequest): Explained {
  const provenance = new Provenance();
  const resolved = resolveApplication({ ...request, provenance });
  if ('errors' in resolved) return resolved;
  const chosen = chooseObject(object, resolved.bundle.objects.map(named));
  if ('message' in chosen) return chosen;
  const { apiVersion, kind, name, namespace } = chosen.object;
  const fits = provenance.resources
    .map((resource) => ({ resource, id: namedOf(resource) }))
    .filter(({ id }) => id.apiVersion === apiVersion && id.kind === kind && id.name === name);
  const built =
    fits.find(({ id }) => id.namespace === namespace) ??
    fits.find(({ id }) => id.namespace === undefined) ??
    fits[0];
  if (!built) throw new Error(`${object} is rendered and was not built`);
  const given = placed(built.id, { namespace, field, declaredIn });
  const explained = explainFields(provenance, built.resource, field);
  if ('fields' in explained) return { object: chosen.object, fields: [...given, ...explained.fields] };
  return given.length > 0 ? { object: chosen.object, fields: given } : explained;
}

function named({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ExplainedObject {
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

interface Placing {
  readonly namespace: string | undefined;
  readonly field: string;
  readonly declaredIn: string;
}

/** A namespace that no file says comes from the application. */
function placed(
  built: ExplainedObject,
  { namespace, field, declaredIn }: Placing,
): readonly ExplainedField[] {
  const isGiven = built.namespace === undefined && namespace !== undefined;
  if (!isGiven || fieldTest(field)?.(['metadata', 'namespace']) !== true) return [];
  const source = { file: declaredIn, field: 'spec.namespace', by: 'Application' };
  return [{ field: '.metadata.namespace', history: [{ value: namespace, source }] }];
}
