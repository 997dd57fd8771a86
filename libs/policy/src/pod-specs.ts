/** An object as expressions see it. */
type Seen = Readonly<Record<string, unknown>>;

const found = new WeakMap<object, readonly unknown[]>();

/**
 * Every pod spec inside of an object, wherever its kind keeps it: Pods, Deployments, CronJobs, and custom kinds such as RayCluster,
 * JobSet or LeaderWorkerSet. A pod spec is what has a list of containers.
 */
export function podSpecsIn(object: unknown): readonly unknown[] {
  if (typeof object !== 'object' || object === null) return [];
  const known = found.get(object);
  if (known) return known;
  const specs = [...specsBelow(object)];
  found.set(object, specs);
  return specs;
}

function* specsBelow(value: unknown): Iterable<Seen> {
  if (Array.isArray(value)) {
    for (const item of value) yield* specsBelow(item);
    return;
  }
  if (!isSeen(value)) return;
  if (isContainers(value['containers'])) yield value;
  // A list of that name where the kind has none must not hide what is below.
  for (const member of Object.values(value)) yield* specsBelow(member);
}

const lists = ['initContainers', 'containers', 'ephemeralContainers'];

/** All containers of all pod specs inside of an object, those that only start others included. */
export function containersIn(object: unknown): readonly unknown[] {
  return podSpecsIn(object).flatMap((spec) =>
    lists.flatMap((name): readonly unknown[] => {
      const list = isSeen(spec) ? spec[name] : undefined;
      return Array.isArray(list) ? list : [];
    }),
  );
}

/** Tells containers from other lists of that name: of texts, for one. */
function isContainers(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => isSeen(item) && ('name' in item || 'image' in item))
  );
}

function isSeen(value: unknown): value is Seen {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
