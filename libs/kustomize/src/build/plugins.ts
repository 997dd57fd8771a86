import { Refusal, refuse } from '../refusal.ts';
import { idOf, type OriginNote, type Resource } from '../resources/resource.ts';
import { plainOf, UnwritableError, type Plain } from '../values/plain.ts';
import { scalarTextAt } from '../values/value.ts';
import { Accumulation } from './accumulation.ts';
import { resourcesIn } from './documents.ts';
import { originBelow, withOrigin } from './notes.ts';
import type { Shape } from './shape.ts';
import type { Place } from './step.ts';
import type { Target } from './target.ts';

/** A plugin that a kustomization asks for: an object that names a built-in one and configures it. */
export interface Plugin {
  readonly kind: string;
  readonly place: Place;
  /** Its configuration by a shape; fields that the shape does not know are passed over. */
  readonly config: <T>(shape: Shape<T>) => T;
  readonly by: OriginNote | undefined;
}

/**
 * The plugins that a field lists, written out in the kustomization, in files or made by directories. Only built-in ones
 * run: functions, executables and Go plugins are refused.
 */
export function pluginsIn(
  target: Target,
  field: 'generators' | 'transformers' | 'validators',
): readonly Plugin[] {
  const { fields, file, name, at } = target.kustomization;
  const accumulation = new Accumulation();
  const paths: (readonly [number, string])[] = [];
  for (const [index, entry] of (fields[field] ?? []).entries()) {
    const inline = inlineResources(entry, file);
    if (!inline) paths.push([index, entry]);
    else {
      target.building.noteKinds(inline);
      accumulation.append(withOrigin(inline, target.origin && originBelow(target.origin, name)));
    }
    target.building.countFile(at(field, index));
  }
  accumulation.append(target.load({ field, entries: paths }));
  return accumulation.resources.map((resource) => pluginOf(resource, field));
}

function inlineResources(entry: string, file: string): readonly Resource[] | undefined {
  try {
    return resourcesIn(entry, file);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function pluginOf(resource: Resource, field: string): Plugin {
  const { group, version, kind, name, namespace } = idOf(resource);
  const place: Place = { ...resource.origin, field };
  if (group !== '' || version !== 'builtin')
    refuse({
      ...place,
      message: `${kind} is no built-in plugin, and others are not run`,
      fix: 'use a built-in plugin (apiVersion: builtin) or commit what yours gives',
    });
  const origin = resource.notes?.origin;
  return {
    kind,
    place,
    config: (shape) => configOf(resource, shape, place),
    by: origin && {
      ...(origin.path === undefined ? {} : { configuredIn: origin.path }),
      configuredBy: {
        apiVersion: scalarTextAt(resource.fields, ['apiVersion']),
        kind,
        name,
        ...(namespace === '' ? {} : { namespace }),
      },
    },
  };
}

function configOf<T>(resource: Resource, shape: Shape<T>, place: Place): T {
  const { origin } = resource;
  const reading = {
    file: origin.file,
    lineOf: () => origin.line,
    lenient: true,
    unsupported: {},
    errors: [],
  };
  const config = shape.read(plainConfig(resource, place), [], reading);
  if (config === undefined || reading.errors.length > 0) throw new Refusal(reading.errors);
  return config;
}

function plainConfig({ fields }: Resource, place: Place): Plain {
  try {
    return plainOf(fields);
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    refuse({ ...place, field: error.path.join('.'), message: error.message, fix: error.fix });
  }
}

/** The note of a field that kustomize carries out by a built-in plugin. */
export function builtInNote({ origin, kustomization }: Target, kind: string): OriginNote | undefined {
  if (!origin) return undefined;
  const { path } = originBelow(origin, kustomization.name);
  return {
    ...(path === undefined ? {} : { configuredIn: path }),
    configuredBy: { apiVersion: 'builtin', kind },
  };
}
