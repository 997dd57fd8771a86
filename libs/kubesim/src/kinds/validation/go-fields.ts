import { invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { numberAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';

/** The text of a field; empty when there is none, as Go has it. */
export function textIn(object: JsonObject | undefined, field: string): string {
  return textAt(object, field) ?? '';
}

/** The number of a field; zero when there is none, as Go has it. */
export function numberIn(object: JsonObject | undefined, field: string): number {
  return numberAt(object, field) ?? 0;
}

/** What is wrong with the form of a text. */
export function formErrors(text: string, path: string, problems: (text: string) => string[]): FieldError[] {
  return problems(text).map((problem) => invalid(path, text, problem));
}

/** What is wrong with the form of a text that may be empty. */
export function optionalForm(text: string, path: string, problems: (text: string) => string[]): FieldError[] {
  return text === '' ? [] : formErrors(text, path, problems);
}
