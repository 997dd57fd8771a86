import { invalid } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';

/** A path without steps back. */
export function withoutBacksteps(text: string, path: string): FieldError[] {
  return text.split('/').includes('..') ? [invalid(path, text, "must not contain '..'")] : [];
}

/** A relative path without steps back. */
export function descending(text: string, path: string): FieldError[] {
  const absolute = text.startsWith('/') ? [invalid(path, text, 'must be a relative path')] : [];
  return [...absolute, ...withoutBacksteps(text, path)];
}

/** A relative path without steps back whose first part is no name that is reserved, as `..data` is. */
export function notReserved(text: string, path: string): FieldError[] {
  const reserved = text.startsWith('..') && !text.startsWith('../');
  return [...descending(text, path), ...(reserved ? [invalid(path, text, "must not start with '..'")] : [])];
}
