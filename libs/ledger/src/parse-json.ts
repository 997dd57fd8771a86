/** The value of UTF-8 JSON bytes, or undefined when they are no JSON. */
export function parseJson(data: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(data));
    return value;
  } catch {
    return undefined;
  }
}
