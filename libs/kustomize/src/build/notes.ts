import { isQuotedByGo } from '../values/quotes.ts';
import { withTexts } from '../merge/metadata-texts.ts';
import { withFields, type BuildNotes, type OriginNote, type Resource } from '../resources/resource.ts';
import type { Resources } from './step.ts';

/** The resources with the origin of those that have none yet. */
export function withOrigin(resources: Resources, origin: OriginNote | undefined): Resources {
  if (!origin) return resources;
  return resources.map((resource) =>
    resource.notes?.origin ? resource : noted(resource, { origin, transformations: [] }),
  );
}

/**
 * The resources after a transformer: who has no origin was made by it; everybody else was transformed, changed or not
 * (resmap AddTransformerAnnotation).
 */
export function withTransformation(resources: Resources, by: OriginNote | undefined): Resources {
  if (!by) return resources;
  return resources.map((resource) => {
    const { origin, transformations = [] } = resource.notes ?? {};
    return noted(
      withTextNotes(resource),
      origin ? { origin, transformations: [...transformations, by] } : { origin: by, transformations },
    );
  });
}

/** To note something, kustomize reads and writes all annotations, which makes texts of them. */
function withTextNotes(resource: Resource): Resource {
  return withFields(resource, withTexts(resource.fields, 'annotations'));
}

function noted(resource: Resource, notes: BuildNotes): Resource {
  return { ...resource, notes };
}

/** The origin below another, by the path that a kustomization lists. */
export function originBelow(origin: OriginNote, path: string): OriginNote {
  const steps = (origin.path ?? '').split('/').filter((step) => step !== '');
  for (const step of path.split('/')) {
    if (step === '' || step === '.') continue;
    if (step === '..' && steps.length > 0 && steps.at(-1) !== '..') steps.pop();
    else steps.push(step);
  }
  return { ...origin, path: steps.join('/') };
}

/** An origin as kustomize writes it into an annotation. */
export function originYaml(origin: OriginNote): string {
  return linesOf(ordered(origin))
    .map((line) => `${line}\n`)
    .join('');
}

/** A list of origins as kustomize writes it into an annotation. */
export function transformationsYaml(transformations: readonly OriginNote[]): string {
  return transformations
    .map((each) =>
      linesOf(ordered(each))
        .map((line, index) => `${index === 0 ? '- ' : '  '}${line}\n`)
        .join(''),
    )
    .join('');
}

function ordered({ path, configuredIn, configuredBy }: OriginNote): Lined {
  return { path, configuredIn, configuredBy: configuredBy && { ...configuredBy } };
}

interface Lined {
  readonly [key: string]: string | Lined | undefined;
}

function linesOf(value: Lined): string[] {
  return Object.entries(value).flatMap(([key, each]) => {
    if (each === undefined || each === '') return [];
    if (typeof each === 'string') return [`${key}: ${isQuotedByGo(each) ? JSON.stringify(each) : each}`];
    const below = linesOf(each);
    return below.length === 0 ? [] : [`${key}:`, ...below.map((line) => `  ${line}`)];
  });
}
