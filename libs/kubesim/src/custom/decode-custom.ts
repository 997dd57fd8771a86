import { GoText, invalid, errorBody } from '../errors/field-error.ts';
import { draftOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { Decoded } from '../schema/decode.ts';
import type { CustomVersion } from './custom-version.ts';
import { metadataType } from './custom-version.ts';
import { coerceMetadata, coerceResources } from './metadata-of-custom.ts';
import { pruneNulls, pruneUnknown } from './prune-custom.ts';

/** Reads an object of a version of a custom kind: unknown fields and forbidden nulls go, metadata gets its Go type. */
export function decodeCustom(given: JsonObject, { schema, kind, apiVersion }: CustomVersion): Decoded {
  const draft = draftOf(given);
  const { metadata } = given;
  const coerced = coerceMetadata(metadata ?? null, metadataType());
  if (!coerced.ok) return coerced;
  const isOfKind = isOf(draft, 'kind', kind) && isOf(draft, 'apiVersion', apiVersion);
  const unknown: string[] = [...coerced.unknown];
  if (isOfKind) {
    unknown.push(...pruneUnknown(draft, schema));
    pruneNulls(draft, schema);
    const resources = coerceResources(draft, { ...schema, isResource: false }, metadataType());
    const { refusal } = resources;
    if (refusal !== undefined) {
      const shown = typeof refusal.value === 'number' ? new GoText(String(refusal.value)) : refusal.value;
      return {
        ok: false,
        message: `${refusal.field}: ${errorBody(invalid(refusal.field, shown, refusal.message))}`,
      };
    }
    unknown.push(...resources.unknown);
  }
  const strict = unknown.map((path) => `unknown field "${path}"`);
  const object = metadata === undefined ? draft : { ...draft, metadata: coerced.metadata };
  return { ok: true, object, strict };
}

/** A body may leave out what the path says. */
function isOf(draft: JsonObject, field: string, expected: string): boolean {
  return draft[field] === undefined || draft[field] === '' || draft[field] === expected;
}
