// The least an accepted task can cost under `wrangler dev`: one INSERT into D1 and one message sent, no validation, nothing
// read, nothing run. It shows which part of Errand's HTTP rate is the local server's. Never deployed.

interface Bindings {
  DB: { prepare(sql: string): { bind(...values: string[]): { run(): Promise<unknown> }; run(): Promise<unknown> } };
  QUEUE: { send(message: unknown): Promise<unknown> };
}

let tableExists = false;

export default {
  async fetch(request: Request, { DB, QUEUE }: Bindings): Promise<Response> {
    if (!tableExists) {
      await DB.prepare('CREATE TABLE IF NOT EXISTS accepted (id TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID').run();
      tableExists = true;
    }
    const id = crypto.randomUUID();
    await DB.prepare('INSERT INTO accepted VALUES (?, ?)')
      .bind(id, await request.text())
      .run();
    await QUEUE.send({ ids: [id] });
    return Response.json({ task_id: id }, { status: 202 });
  },
  async queue(): Promise<void> {},
};
