import type { LabelSelector } from './documents.ts';
import type { Problem } from './fleet-api.ts';
import { toSelector } from './from-document.ts';
import { applicationSchema } from './schema.ts';
import { matchesSelector } from './selector.ts';

/** A policy that cannot be followed: what it is about is released no further until it is mended. */
export interface BrokenPolicy {
  readonly problem: Problem;
  /** Undefined when that is not known either: then it is about every application. */
  readonly applications: LabelSelector | undefined;
}

const placement = applicationSchema.shape.spec.shape.placement;

/** Which applications a document would be about, if it were a sound policy; undefined when it does not say. */
export function selectedBy(document: unknown): LabelSelector | undefined {
  const spec = fieldOf(document, 'spec');
  if (typeof spec !== 'object' || spec === null) return undefined;
  const selector = placement.safeParse(fieldOf(spec, 'applications') ?? {});
  return selector.success ? toSelector(selector.data) : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

/** What is wrong with the first broken policy that may be about an application with these labels. */
export function freezingPolicy(
  broken: readonly BrokenPolicy[],
  labels: { readonly [key: string]: string },
): Problem | undefined {
  return broken.find(
    ({ applications }) => applications === undefined || matchesSelector(applications, labels),
  )?.problem;
}
