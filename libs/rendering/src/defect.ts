const frame = /[\w.-]+\/src\/[\w./-]+:\d+/;

/**
 * What may be told of an error that nothing foresaw, such as `TypeError at kustomize/src/overlay.ts:12`: its kind and where it
 * was thrown. Its message is left out, for it may quote what is rendered.
 */
export function defectOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'something that is no Error';
  const place = frame.exec((thrown.stack ?? '').slice(0, 10_000).replace(thrown.message, ''));
  return place ? `${thrown.name} at ${place[0]}` : thrown.name;
}
