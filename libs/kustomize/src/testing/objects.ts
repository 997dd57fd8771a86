import type { LocatedError } from '@meridian/fleet';
import type { Profile, Step } from '../build/step.ts';
import { builtInSchema } from '../merge/schema.ts';
import { Refusal } from '../refusal.ts';
import { newResource, type Resource } from '../resources/resource.ts';
import type { Fields, Value } from '../values/value.ts';

/** An object of a test: `apps/v1 Deployment name`, or `v1 Secret namespace/name`, and its other fields. */
export function object(id: string, fields: Fields = {}): Resource {
  const [apiVersion = '', kind = '', path = ''] = id.split(' ');
  const [name, namespace] = path.split('/').reverse();
  const metadata = { name: name ?? '', ...(namespace === undefined ? {} : { namespace }) };
  const written = fields['metadata'];
  const more = typeof written === 'object' && written !== null ? written : {};
  return newResource(
    { apiVersion, kind, ...fields, metadata: { ...metadata, ...(more as Fields) } },
    { file: 'objects.yaml', line: 1 },
  );
}

/** A step of a test that reads no files; warnings are collected in `warnings`. */
export function testStep(profile: Profile = '5.5', warnings: LocatedError[] = []): Step {
  const unreadable = (path: string): never => {
    throw new Error(`${path} is not there`);
  };
  return {
    place: { file: 'kustomization.yaml', line: 3 },
    profile,
    schema: builtInSchema,
    readText: unreadable,
    readContent: unreadable,
    isPart: false,
    visit: () => undefined,
    look: () => undefined,
    warn: (warning) => warnings.push(warning),
  };
}

/** The value at a path of keys and indexes, written with slashes. */
export function at({ fields }: Resource, path: string): unknown {
  return path
    .split('/')
    .reduce<unknown>((value, key) => (value as Record<string, Value> | undefined)?.[key], fields);
}

/** The message with which a step is refused; undefined when it is not. */
export function refusalOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}
