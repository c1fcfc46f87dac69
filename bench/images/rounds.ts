// The loop both image Workers share: reads the photo, shrinks it once to warm up and then `rounds` times by the clock.
// Works in local workerd only: a deployed Worker's clock stands still while code runs.

export interface Shrunk {
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly peakWasmBytes: number;
  /** Errand's: which engine made it. */
  readonly engine?: string;
}

/** A picture that is refused answers 422 with the reason. */
export async function timeRounds(request: Request, shrink: (photo: Uint8Array) => Promise<Shrunk>): Promise<Response> {
  const photo = new Uint8Array(await request.arrayBuffer());
  const rounds = Number(new URL(request.url).searchParams.get('rounds'));
  let last: Shrunk;
  try {
    last = await shrink(photo);
  } catch (error) {
    return new Response(String(error), { status: 422 });
  }
  let peakWasmBytes = last.peakWasmBytes;
  const millis: number[] = [];
  while (millis.length < rounds) {
    const started = performance.now();
    last = await shrink(photo);
    millis.push(performance.now() - started);
    peakWasmBytes = Math.max(peakWasmBytes, last.peakWasmBytes);
  }
  return Response.json({ ...last, millis, peakWasmBytes });
}
