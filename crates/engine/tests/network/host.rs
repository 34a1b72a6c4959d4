//! A simulated computer that a test can ask things of. What is asked runs on that computer, on its own clock; the answer
//! is there a moment of virtual time later.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Errand<T> = Box<dyn FnOnce(Rc<T>) -> Pin<Box<dyn Future<Output = ()>>>>;

/// The test's end.
pub(crate) struct Host<T> {
    errands: UnboundedSender<Errand<T>>,
}

/// The answer to come.
pub(crate) struct Answer<R>(Rc<RefCell<Option<R>>>);

impl<R> Answer<R> {
    /// The answer, once, if it is there.
    pub(crate) fn take(&self) -> Option<R> {
        self.0.borrow_mut().take()
    }
}

impl<T: 'static> Host<T> {
    /// Both ends: the other one goes to [`serve`].
    pub(crate) fn new() -> (Self, UnboundedReceiver<Errand<T>>) {
        let (errands, receiver) = unbounded_channel();
        (Self { errands }, receiver)
    }

    /// Has something done there.
    pub(crate) fn ask<R, F>(&self, errand: impl FnOnce(Rc<T>) -> F + 'static) -> Answer<R>
    where
        R: 'static,
        F: Future<Output = R> + 'static,
    {
        let slot = Rc::new(RefCell::new(None));
        let answer = Answer(Rc::clone(&slot));
        let errand: Errand<T> = Box::new(move |there| {
            let work = errand(there);
            Box::pin(async move {
                let result = work.await;
                *slot.borrow_mut() = Some(result);
            })
        });
        assert!(self.errands.send(errand).is_ok(), "the simulated computer is gone");
        answer
    }
}

/// Does what is asked, each beside the others, for as long as anybody can ask.
pub(crate) async fn serve<T: 'static>(there: Rc<T>, mut errands: UnboundedReceiver<Errand<T>>) -> turmoil::Result {
    while let Some(errand) = errands.recv().await {
        tokio::task::spawn_local(errand(Rc::clone(&there)));
    }
    Ok(())
}
