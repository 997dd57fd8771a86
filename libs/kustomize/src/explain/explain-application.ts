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

/** All objects with their fields, in the order in which they are applied; or why the application cannot be rendered. */
export type WhollyExplained =
  | { readonly objects: readonly Extract<Explained, { readonly fields: unknown }>[] }
  | Exclude<Explained, { readonly fields: unknown }>;

/** Renders an application for a cluster, without any cache, and tells what set the fields of one of its objects. */
export function explainApplication({ object, field, ...request }: ExplainRequest): Explained {
  const rendered = renderedFor(request);
  if ('errors' in rendered) return rendered;
  const chosen = chooseObject(object, rendered.objects);
  return 'message' in chosen ? chosen : explainedIn(rendered, chosen.object, field);
}

/** As {@link explainApplication}, for all fields of all objects. */
export function explainWholeApplication(request: Omit<ExplainRequest, 'object' | 'field'>): WhollyExplained {
  const rendered = renderedFor(request);
  if ('errors' in rendered) return rendered;
  return wholly(rendered.objects, (object) => explainedIn(rendered, object, ''));
}

/** Explains each object, up to the first that cannot be explained. */
export function wholly<Object>(
  objects: readonly Object[],
  explain: (object: Object) => Explained,
): WhollyExplained {
  const explained: Extract<Explained, { readonly fields: unknown }>[] = [];
  for (const object of objects) {
    const one = explain(object);
    if (!('fields' in one)) return one;
    explained.push(one);
  }
  return { objects: explained };
}

interface Rendered extends Pick<ExplainRequest, 'declaration'> {
  readonly path: string;
  readonly provenance: Provenance;
  readonly objects: readonly ExplainedObject[];
}

function renderedFor({
  declaration,
  ...request
}: Omit<ExplainRequest, 'object' | 'field'>): Rendered | { readonly errors: readonly LocatedError[] } {
  const { path } = request.application;
  const provenance = new Provenance();
  const resolved = resolveApplication({ ...request, provenance });
  if ('errors' in resolved)
    return { errors: resolved.errors.map((error) => withDeclaredPlace(error, path, declaration)) };
  return { declaration, path, provenance, objects: resolved.bundle.objects.map(named) };
}

function explainedIn(
  { provenance, path, declaration }: Rendered,
  object: ExplainedObject,
  field: string,
): Explained {
  const { apiVersion, kind, name, namespace } = object;
  const fits = provenance.resources
    .map((resource) => ({ resource, id: namedOf(resource) }))
    .filter(({ id }) => id.apiVersion === apiVersion && id.kind === kind && id.name === name);
  const built =
    fits.find(({ id }) => id.namespace === namespace) ??
    fits.find(({ id }) => id.namespace === undefined) ??
    fits[0];
  if (!built) throw new Error(`${kind} ${name} is rendered and was not built`);
  const given = placed(built.id, { namespace, field, declaration });
  const explained = explainFields(provenance, built.resource, field);
  if ('fields' in explained) {
    const fields = explained.fields.map((each) => declared(each, path, declaration));
    return { object, fields: [...given, ...fields] };
  }
  return given.length > 0 ? { object, fields: given } : explained;
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
