// Reads JSON that a person wrote, to send it on. JavaScript would round an integer of 19 digits, and the API would never see
// what was written. So each number keeps its digits: JSON.stringify() writes them as they were, and the API judges them.

/** What TypeScript does not know of JSON yet. All current browsers have it. */
interface ExactJson {
  parse(text: string, reviver: (name: string, value: unknown, context: { source: string }) => unknown): unknown;
  rawJSON(literal: string): unknown;
}

const exact = JSON as unknown as ExactJson;

/** For JSON.stringify() only: numbers in the value are objects. Throws an Error that names the place of the fault. */
export function parseJson(text: string): unknown {
  try {
    return exact.parse(text, (_, value, { source }) => (typeof value === 'number' ? exact.rawJSON(source) : value));
  } catch (error) {
    throw new Error(`This is not valid JSON. ${error instanceof Error ? error.message : ''}`);
  }
}
