import type { Json } from '../json.ts';

/**
 * What patching came to. A refusal carries the code and the words of the server's Status; its reason follows from the
 * code: `BadRequest` for 400, `RequestEntityTooLarge` for 413, `Invalid` with empty details for 422, and none for 500.
 */
export type PatchResult =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly code: number; readonly message: string };

/** A patch that cannot be applied; the functions of this folder throw it inside and return it as a PatchResult. */
export class PatchRefusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** A patch that says nothing sensible of this object. The server keeps to itself what is wrong with it. */
export function rejectedPatch(): PatchRefusal {
  return new PatchRefusal(422, 'the server rejected our request due to an error in our request');
}

/** The result of a patch that may throw a PatchRefusal. */
export function patchResultOf(apply: () => Json): PatchResult {
  try {
    return { ok: true, value: apply() };
  } catch (error) {
    if (error instanceof PatchRefusal) return { ok: false, code: error.code, message: error.message };
    throw error;
  }
}

/** What Go's JSON decoder calls the type of a value. */
export function goJsonType(value: Json): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
