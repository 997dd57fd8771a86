import { additionalSchema } from '../custom-schema.ts';
import type { CustomSchema } from '../custom-schema.ts';

/** The path of a rule's `fieldPath` as messages show it: `.limits['cpu'].min` is `limits[cpu].min`; undefined when it leads nowhere. */
export function normalizedFieldPath(fieldPath: string, schema: CustomSchema): string | undefined {
  let shown = '';
  let current: CustomSchema | undefined = schema;
  let rest = fieldPath;
  while (rest !== '') {
    const found: RegExpExecArray | null = /^(?:\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\])/.exec(rest);
    if (found === null) return undefined;
    const name: string = found[1] ?? (found[2] ?? '').replaceAll(/\\(.)/g, '$1');
    const isNamed: boolean = current.properties.size > 0;
    current = isNamed ? current.properties.get(name) : additionalSchema(current);
    if (current === undefined) return undefined;
    shown += isNamed ? `${shown === '' ? '' : '.'}${name}` : `[${name}]`;
    rest = rest.slice(found[0].length);
  }
  return shown;
}
