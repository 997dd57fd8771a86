import type { Resources, Step } from '../build/step.ts';
import type { FieldSpec } from '../config/field-spec.ts';
import { refuse } from '../refusal.ts';
import { idText } from '../resources/id.ts';
import { idOf, withFields, type Resource } from '../resources/resource.ts';
import {
  fieldOf,
  isFields,
  isList,
  isNull,
  mapItems,
  withField,
  type Fields,
  type Value,
} from '../values/value.ts';
import {
  changeFields,
  compileSpecs,
  FieldError,
  type CompiledSpecs,
  type FieldChange,
} from './field-spec.ts';
import { specsReach, type FieldWay } from './field-way.ts';
import { changedImage, imageMatcher, InvalidImageName, type ImageTag } from './image-name.ts';
import { foundText, rewritten } from './scalars.ts';
import { noteUntagged } from '../values/quote-marks.ts';
import { isQuoted, withQuoted } from '../values/quotes.ts';

/** What the image transformer is told (ImageTagTransformer). */
export interface ImageConfig {
  readonly imageTag: ImageTag;
  readonly fieldSpecs: readonly FieldSpec[];
}

/**
 * Changes images of one name: first in every list called containers or initContainers, wherever it is, then in the fields
 * of the specs. Custom resource definitions stay as they are.
 */
export function applyImages(
  resources: Resources,
  { imageTag, fieldSpecs }: ImageConfig,
  step: Step,
): Resources {
  const change = imageChange(imageTag, step);
  const specs = compileSpecs(fieldSpecs);
  let isChanged = false;
  let isDoubled = false;
  const changed = resources.map((resource) => {
    if (idOf(resource).kind === 'CustomResourceDefinition') return resource;
    const walked = changedInLists(resource, change, step);
    const after = changedBySpecs(walked, { specs, change, step });
    isChanged ||= after !== resource;
    isDoubled ||= walked !== resource && after !== walked;
    return after;
  });
  if (isDoubled && (imageTag.tagSuffix ?? '') !== '')
    step.warn({
      ...step.place,
      message: `the tagSuffix ${String(imageTag.tagSuffix)} is added twice to the images of ordinary pods, as kustomize does`,
      fix: 'write newTag',
    });
  return isChanged ? changed : resources;
}

/** Whether it may read or change one of some fields: those of any container among them. */
export function imagesReach(ways: readonly FieldWay[], fieldSpecs: readonly FieldSpec[]): boolean {
  return ways.some((way) => way.at(-1) === 'image') || specsReach(ways, fieldSpecs);
}

function imageChange(imageTag: ImageTag, { profile, place }: Step): FieldChange {
  const isMeant = imageMatcher(imageTag.name, profile);
  return {
    makes: 'nothing',
    isUntagged: true,
    set: (value, _spec, isInQuotes) => {
      const image = foundText(value);
      try {
        if (!isMeant(image)) return value ?? null;
      } catch (error) {
        if (!(error instanceof InvalidImageName)) throw error;
        const message = `the name ${imageTag.name} is read as a regular expression and is none: ${error.message}`;
        refuse({ ...place, message, fix: 'write the name of an image' });
      }
      return rewritten(value, changedImage(image, imageTag), isInQuotes);
    },
  };
}

interface SpecChange {
  readonly specs: CompiledSpecs;
  readonly change: FieldChange;
  readonly step: Step;
}

function changedBySpecs(resource: Resource, { specs, change, step }: SpecChange): Resource {
  return changeFields(resource, specs.forKind(idOf(resource)), change, step);
}

function changedInLists(resource: Resource, change: FieldChange, { place }: Step): Resource {
  try {
    return withFields(resource, walkedFields(resource.fields, change));
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    const { file, line } = resource.origin;
    refuse({
      ...place,
      message: `the containers of ${idText(idOf(resource))} (${file}:${line}) cannot be read: ${error.message}`,
      fix: 'correct the object',
    });
  }
}

const withoutContainers = new WeakSet<object>();

/** Keeps of a value's parts that no list of containers is in them, and gives whether that is so for the value. */
export function keepWithoutContainers(value: Value): boolean {
  if (!isFields(value) && !isList(value)) return true;
  if (withoutContainers.has(value)) return true;
  let isWithout = !isFields(value) || !containerFields.some((key) => Object.hasOwn(value, key));
  for (const part of Object.values<Value>(value)) isWithout = keepWithoutContainers(part) && isWithout;
  if (isWithout) withoutContainers.add(value);
  return isWithout;
}

const containerFields = ['containers', 'initContainers'];

function walked(value: Value, change: FieldChange): Value {
  if (typeof value !== 'object' || value === null || withoutContainers.has(value)) return value;
  if (isList(value)) return mapItems(value, (item) => walked(item, change));
  return isFields(value) ? walkedFields(value, change) : value;
}

function walkedFields(fields: Fields, change: FieldChange): Fields {
  let after = fields;
  for (const key of Object.keys(fields)) {
    const before = fields[key] ?? null;
    const inside = walked(before, change);
    const value =
      isList(inside) && containerFields.includes(key)
        ? mapItems(inside, (item) => changedItem(item, change))
        : inside;
    if (value !== before) after = withField(after, key, value);
  }
  return after;
}

function changedItem(container: Value, { set }: FieldChange): Value {
  if (isNull(container)) return container;
  if (!isFields(container)) throw new FieldError('a container must be a mapping');
  const image = fieldOf(container, 'image');
  if (image === undefined) return container;
  const isInQuotes = isQuoted(container, 'image');
  const after = withQuoted(container, 'image', set(image, anyImage, isInQuotes), isInQuotes);
  if (after !== container) noteUntagged(after, 'image', !isInQuotes);
  return after;
}

/** Images in lists of containers are found without a spec. */
const anyImage: FieldSpec = { group: '', version: '', kind: '', path: 'image', create: false };
