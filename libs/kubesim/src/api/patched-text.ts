import { goJson } from '../errors/field-error.ts';
import { isObject, memberOf } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { memberNames } from '../merge/members.ts';
import type { ObjectSchema, Schema } from '../schema/schema.ts';

/**
 * A patched object as refusals show it. The server patches the text of the live object: what the patch did not touch stays as Go
 * wrote it, in the order of its structs, and the members of what it touched are sorted.
 */
export function patchedText(patched: Json, live: Json | undefined, schema: Schema | undefined): string {
  const inOrder = patched === live && schema?.kind === 'object' ? schema : undefined;
  if (Array.isArray(patched)) {
    const items = Array.isArray(live) ? live : [];
    const item = schema?.kind === 'list' ? schema.item : undefined;
    return `[${patched.map((one, index) => patchedText(one, liveItem(one, items, index), item)).join(',')}]`;
  }
  if (!isObject(patched)) return goJson(patched);
  const from = isObject(live) ? live : {};
  const members = namesOf(patched, inOrder).map((name) => {
    const text = patchedText(
      memberOf(patched, name) ?? null,
      memberOf(from, name),
      memberSchema(schema, name),
    );
    return `${goJson(name)}:${text}`;
  });
  return `{${members.join(',')}}`;
}

/** Items that a patch moved are still as they were. */
function liveItem(item: Json, live: readonly Json[], index: number): Json | undefined {
  return live.includes(item) ? item : live[index];
}

function namesOf(object: JsonObject, schema: ObjectSchema | undefined): string[] {
  const names = memberNames(object).sort();
  if (schema === undefined) return names;
  const known = [...schema.fields].filter(([, { go }]) => go !== undefined).map(([name]) => name);
  const place = (name: string) => (known.includes(name) ? known.indexOf(name) : known.length);
  return names.sort((a, b) => place(a) - place(b));
}

function memberSchema(schema: Schema | undefined, name: string): Schema | undefined {
  if (schema?.kind === 'map') return schema.value;
  return schema?.kind === 'object' ? schema.fields.get(name)?.schema : undefined;
}
