// A worker of the page's own, for pages whose policy forbids workers from blobs.
import { serve } from "../../dist/worker.js";

serve();
