/** Enough that no thread waits for the hub, and that a thread is given many renderings of an application at once. */
const mostOfOne = 128;
/** Less than may wait for threads (`libs/rendering`), for views and tries ask for some as well. */
const mostOfAll = 16_000;

/** How many renderings of each of so many applications are under way at once. */
export function lanesOf(applications: number): number {
  return Math.max(1, Math.min(mostOfOne, Math.floor(mostOfAll / applications)));
}
