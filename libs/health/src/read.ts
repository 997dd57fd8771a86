/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a field path of anything; undefined when a step is missing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const field of path) {
    if (!isRecord(here)) return undefined;
    here = Object.hasOwn(here, field) ? here[field] : undefined;
  }
  return here;
}

/** The number at a path, or `otherwise`. */
export function numberAt(value: unknown, path: readonly string[], otherwise: number): number {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : otherwise;
}

/** The text at a path, or ''. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** The list at a path; anything else is an empty list. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The generation of its spec that an object carries; undefined before an API server has given it one. */
export function generationOf(object: unknown): number | undefined {
  const generation = at(object, 'metadata', 'generation');
  return typeof generation === 'number' ? generation : undefined;
}

/** One entry of `status.conditions`. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** How bad a False one is, where the cluster API tells it; else ''. */
  readonly severity: string;
  /** The generation that this one condition speaks of. */
  readonly observedGeneration: number | undefined;
  readonly sinceMs: number | undefined;
}

/** The conditions of an object in their order. */
export function conditionsOf(object: unknown): readonly Condition[] {
  return conditionsIn(object, 'status', 'conditions');
}

/** The conditions at a path, for kinds that keep them elsewhere than in `status.conditions`. */
export function conditionsIn(value: unknown, ...path: readonly string[]): readonly Condition[] {
  return listAt(value, ...path).map((entry) => {
    const observed = at(entry, 'observedGeneration');
    return {
      type: textAt(entry, 'type'),
      status: textAt(entry, 'status'),
      reason: textAt(entry, 'reason'),
      message: textAt(entry, 'message'),
      severity: textAt(entry, 'severity'),
      observedGeneration: typeof observed === 'number' ? observed : undefined,
      sinceMs: timeMs(textAt(entry, 'lastTransitionTime')),
    };
  });
}

/** The condition of a type, if the object has it. */
export function conditionOf(object: unknown, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

/** Unix milliseconds of an RFC 3339 time; undefined when it is not one. */
export function timeMs(text: string): number | undefined {
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? undefined : parsed;
}

/** Joins what a condition says into one short clause: the message when there is one, otherwise the reason. */
export function says(condition: Condition): string {
  return oneLine(condition.message || condition.reason || `${condition.type} is ${condition.status}`);
}

/** Text from a cluster as one line of at most 300 characters. */
export function oneLine(text: string): string {
  // Cut first: a message of megabytes must not be searched for spaces.
  const line = text.slice(0, 2_000).replaceAll(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
