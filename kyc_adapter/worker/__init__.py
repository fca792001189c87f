"""`manage.py worker`: starts one Django-Q cluster for each queue, and watches that they work.

    supervisor --+-- cluster (main) -- sentinel -- workers, pusher, monitor     queue "kyc"
                 +-- cluster (main) -- ...                                      queue "webhooks"

supervisor.py  starts, watches, restarts, stops        family.py   children end with their parent
cluster.py     one cluster, as the supervisor sees it  pulse.py    signs of life, through a pipe
inside.py      the cluster's own main process          brokers.py  where a cluster's beats wait
bell.py        rings: beats and wake-up calls          queues.py   which queues there are
"""
