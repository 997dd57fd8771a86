import {
  withDeclaredPlace,
  type Declaration,
  type ExplainedField,
  type ExplainedObject,
  type LocatedError,
} from '@meridian/fleet';
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
  /** Where the application is declared. */
  readonly declaration: Declaration;
}

/** The fields with what set them; why the application cannot be rendered; or why object or field are none of it. */
export type Explained =
  | { readonly object: ExplainedObject; readonly fields: readonly ExplainedField[] }
  | { readonly errors: readonly LocatedError[] }
  | { readonly message: string; readonly fix: string };

/** Renders an application for a cluster, without any cache, and tells what set the fields of one of its objects. */
export function explainApplication({ object, field, declaration, ...request }: ExplainRequest): Explained {
  const { path } = request.application;
  const provenance = new Provenance();
  const resolved = resolveApplication({ ...request, provenance });
  if ('errors' in resolved)
    return { errors: resolved.errors.map((error) => withDeclaredPlace(error, path, declaration)) };
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
  const given = placed(built.id, { namespace, field, declaration });
  const explained = explainFields(provenance, built.resource, field);
  if ('fields' in explained) {
    const fields = explained.fields.map((each) => declared(each, path, declaration));
    return { object: chosen.object, fields: [...given, ...fields] };
  }
  return given.length > 0 ? { object: chosen.object, fields: given } : explained;
}

/** The field with its sources that are in the application's document told as places there. */
function declared(field: ExplainedField, path: string, declaration: Declaration): ExplainedField {
  const history = field.history.map((each) => ({
    ...each,
    source: withDeclaredPlace(each.source, path, declaration),
  }));
  return { ...field, history };
}

function named({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ExplainedObject {
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

interface Placing {
  readonly namespace: string | undefined;
  readonly field: string;
  readonly declaration: Declaration;
}

/** A namespace that no file says comes from the application. */
function placed(
  built: ExplainedObject,
  { namespace, field, declaration: { file, lineOf } }: Placing,
): readonly ExplainedField[] {
  const isGiven = built.namespace === undefined && namespace !== undefined;
  if (!isGiven || fieldTest(field)?.(['metadata', 'namespace']) !== true) return [];
  const source = { file, line: lineOf('spec.namespace'), field: 'spec.namespace', by: 'Application' };
  return [{ field: '.metadata.namespace', history: [{ value: namespace, source }] }];
}
